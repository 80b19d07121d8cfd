package bridge

import (
	"encoding/binary"
	"strings"

	"festival/cmd/festival-engine/internal/libchdb"
)

// describeColumns is how many strings a row of DESCRIBE has (26.7.3): name, type,
// default_type, default_expression, comment, codec_expression, ttl_expression.
const describeColumns = 7

// emptyBlock is the Native block of a SELECT without rows: the columns' names and
// types, which a server sends and libchdb leaves out. It is built from a DESCRIBE
// of the statement (1 to 2 ms); nil where that cannot be had.
func emptyBlock(conn *libchdb.Conn, req *request) []byte {
	if req.statement.format != "" || !strings.EqualFold(req.format, "Native") {
		return nil
	}
	sql := strings.TrimRight(req.sql, "; \t\r\n")
	// The line end closes a comment at the statement's end.
	result, err := conn.Query("DESCRIBE TABLE ("+sql+"\n)", "RowBinary", req.params)
	if err != nil {
		return nil
	}
	defer result.Free()
	return headerOf(result.Bytes())
}

// headerOf turns the RowBinary rows of a DESCRIBE into a block: uvarint columns,
// uvarint rows (0), then name and type of each as uvarint length and bytes.
func headerOf(rows []byte) []byte {
	var columns uint64
	var body []byte
	for len(rows) > 0 {
		for i := range describeColumns {
			n, used := binary.Uvarint(rows)
			if used <= 0 || uint64(len(rows)-used) < n {
				return nil
			}
			end := used + int(n)
			if i < 2 {
				body = append(body, rows[:end]...)
			}
			rows = rows[end:]
		}
		columns++
	}
	if columns == 0 {
		return nil
	}
	return append(append(binary.AppendUvarint(nil, columns), 0), body...)
}
