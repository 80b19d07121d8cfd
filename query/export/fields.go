package export

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"festival/aggregate"
	"festival/sql"
)

// utcMillis is the type of all times: milliseconds since 1970 in UTC.
func utcMillis() arrow.DataType {
	return &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
}

// Each of the following makes a column of the export from a column of the store. An absent value is null.

func int64Field(name string, get func(*sql.Orders) []int64) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64}, func(b array.Builder, o *sql.Orders) {
		b.(*array.Int64Builder).AppendValues(get(o), nil)
	}}
}

// envelopeField has -1 for absent: an amount of 0 is a value.
func envelopeField(name string, get func(*sql.Orders) []int64) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64, Nullable: true}, func(b array.Builder, o *sql.Orders) {
		for _, v := range get(o) {
			if v < 0 {
				b.AppendNull()
				continue
			}
			b.(*array.Int64Builder).Append(v)
		}
	}}
}

func int32Field(name string, get func(*sql.Orders) []int32) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int32}, func(b array.Builder, o *sql.Orders) {
		b.(*array.Int32Builder).AppendValues(get(o), nil)
	}}
}

// quantityField has 0 for absent.
func quantityField(name string, get func(*sql.Orders) []int32) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int32, Nullable: true}, func(b array.Builder, o *sql.Orders) {
		for _, n := range get(o) {
			if n == 0 {
				b.AppendNull()
				continue
			}
			b.(*array.Int32Builder).Append(n)
		}
	}}
}

// timeField has 0 for absent.
func timeField(name string, get func(*sql.Orders) []int64) orderField {
	return orderField{arrow.Field{Name: name, Type: utcMillis(), Nullable: true}, func(b array.Builder, o *sql.Orders) {
		for _, ms := range get(o) {
			if ms == 0 {
				b.AppendNull()
				continue
			}
			b.(*array.TimestampBuilder).Append(arrow.Timestamp(ms))
		}
	}}
}

// dateField has aggregate.NoDate for absent.
func dateField(name string, get func(*sql.Orders) []int32) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Date32, Nullable: true}, func(b array.Builder, o *sql.Orders) {
		for _, days := range get(o) {
			if days == aggregate.NoDate {
				b.AppendNull()
				continue
			}
			b.(*array.Date32Builder).Append(arrow.Date32(days))
		}
	}}
}

// textField has "" for absent.
func textField(name string, get func(*sql.Orders) []string) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}, func(b array.Builder, o *sql.Orders) {
		for _, s := range get(o) {
			appendText(b.(*array.StringBuilder), s)
		}
	}}
}

// codeField gives the name of each code; the name "" is null.
func codeField(name string, names []string, get func(*sql.Orders) []uint8) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}, func(b array.Builder, o *sql.Orders) {
		for _, code := range get(o) {
			appendText(b.(*array.StringBuilder), names[code])
		}
	}}
}

func appendText(b *array.StringBuilder, s string) {
	if s == "" {
		b.AppendNull()
		return
	}
	b.Append(s)
}

func flagField(name string, get func(*sql.Orders) []uint8) orderField {
	return orderField{arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Boolean}, func(b array.Builder, o *sql.Orders) {
		for _, v := range get(o) {
			b.(*array.BooleanBuilder).Append(v == 1)
		}
	}}
}
