package libchdb

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// codeUnknown is ClickHouse's UNKNOWN_EXCEPTION.
const codeUnknown = 1002

// Exception is an error of the engine. Code is ClickHouse's (ErrorCodes.cpp);
// Message is the engine's whole text, without the "Code: N. " in front.
type Exception struct {
	Code    int
	Message string
}

// Error spells it as ClickHouse does over HTTP: "Code: 60. DB::Exception: ...".
func (e *Exception) Error() string {
	if strings.HasPrefix(e.Message, "DB::") {
		return fmt.Sprintf("Code: %d. %s", e.Code, e.Message)
	}
	return fmt.Sprintf("Code: %d. DB::Exception: %s", e.Code, e.Message)
}

var codePattern = regexp.MustCompile(`(?s)Code:\s*(\d+)\.\s*(.*)`)

// parseException reads the engine's text; text without a code gets UNKNOWN_EXCEPTION.
func parseException(text string) *Exception {
	m := codePattern.FindStringSubmatch(text)
	if m == nil {
		return &Exception{Code: codeUnknown, Message: strings.TrimSpace(text)}
	}
	code, err := strconv.Atoi(m[1])
	if err != nil || code <= 0 {
		code = codeUnknown
	}
	return &Exception{Code: code, Message: strings.TrimSpace(m[2])}
}
