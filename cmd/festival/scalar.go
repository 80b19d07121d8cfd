package main

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// secret is a password: it prints as (hidden), wherever it is printed.
type secret string

// String implements fmt.Stringer.
func (secret) String() string { return "(hidden)" }

// GoString implements fmt.GoStringer.
func (secret) GoString() string { return "(hidden)" }

// LogValue implements slog.LogValuer.
func (secret) LogValue() slog.Value { return slog.StringValue("(hidden)") }

// size is a number of bytes, written as such or with KiB, MiB, GiB, TiB (powers of 1024).
type size int64

var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}

func parseSize(text string) (size, error) {
	unit := int64(1)
	for _, u := range sizeUnits {
		if number, ok := strings.CutSuffix(text, u.name); ok {
			text, unit = strings.TrimSpace(number), u.bytes
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/unit {
		return 0, errors.New("want bytes, such as 2GiB or 500MiB")
	}
	return size(n * unit), nil
}

// String writes whole units where it is some.
func (s size) String() string {
	for i := len(sizeUnits) - 1; i >= 0; i-- {
		if u := sizeUnits[i]; int64(s) >= u.bytes && int64(s)%u.bytes == 0 {
			return fmt.Sprint(int64(s)/u.bytes, u.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// UnmarshalText makes it a flag too.
func (s *size) UnmarshalText(text []byte) (err error) {
	*s, err = parseSize(string(text))
	return err
}

// errNoScalar is said where a setting is a list, a table or a section.
var errNoScalar = errors.New("it is not one value")

// setScalar reads one value, of the file or of a variable. The error says what is wanted, and never the value.
func setScalar(field reflect.Value, text string) (err error) {
	switch p := field.Addr().Interface().(type) {
	case *string:
		*p = text
	case *secret:
		*p = secret(text)
	case *size:
		*p, err = parseSize(text)
	case **size:
		*p = new(size)
		**p, err = parseSize(text)
	case *bool:
		*p, err = parseBool(text)
	case *int:
		*p, err = strconv.Atoi(text)
		err = wanted(err, "want a whole number")
	case *int64:
		*p, err = strconv.ParseInt(text, 10, 64)
		err = wanted(err, "want a whole number")
	case *time.Duration:
		*p, err = time.ParseDuration(text)
		err = wanted(err, "want a duration with its unit, such as 2s, 500ms or 1m")
	case *time.Time:
		*p, err = time.Parse(time.RFC3339, text)
		err = wanted(err, "want RFC 3339 with zone, such as 2026-11-11T00:00:00+08:00")
	default:
		return errNoScalar
	}
	return err
}

func wanted(err error, what string) error {
	if err != nil {
		return errors.New(what)
	}
	return nil
}

// parseBool knows YAML's words.
func parseBool(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return false, errors.New("want true or false")
}
