package export

import (
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"festival/sql"
)

// Series writes the points of one key's curve.
func Series(points []sql.Point, format string, w io.Writer) error {
	names := []string{"orders", "gmv_fen", "mobile_orders", "mobile_gmv_fen", "created", "refunds", "refund_fen"}
	fields := []arrow.Field{{Name: "time", Type: utcMillis()}}
	for _, n := range names {
		fields = append(fields, arrow.Field{Name: n, Type: arrow.PrimitiveTypes.Int64})
	}
	return table(fields, format, w, func(build *array.RecordBuilder) {
		for _, p := range points {
			build.Field(0).(*array.TimestampBuilder).Append(arrow.Timestamp(p.T * 1000))
			for i, v := range p.M {
				build.Field(i + 1).(*array.Int64Builder).Append(v)
			}
		}
	})
}

// Milestone is one threshold of one window; a time of 0 is one that has not come.
type Milestone struct {
	Window       string
	ThresholdFen int64
	OnAirMs      int64 // official frame that first showed it
	EventMs      int64 // first second whose cumulative GMV reaches it
	SinceStartS  int64 // EventMs less the window's start; means nothing where EventMs is 0
	Certainty    string
}

// Milestones writes a row each.
func Milestones(rows []Milestone, format string, w io.Writer) error {
	fields := []arrow.Field{{Name: "window", Type: arrow.BinaryTypes.String},
		{Name: "threshold_fen", Type: arrow.PrimitiveTypes.Int64},
		{Name: "on_air_second", Type: utcMillis(), Nullable: true}, {Name: "event_second", Type: utcMillis(), Nullable: true},
		{Name: "since_start_s", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "certainty", Type: arrow.BinaryTypes.String}}
	return table(fields, format, w, func(build *array.RecordBuilder) {
		for _, m := range rows {
			build.Field(0).(*array.StringBuilder).Append(m.Window)
			build.Field(1).(*array.Int64Builder).Append(m.ThresholdFen)
			appendTime(build.Field(2), m.OnAirMs)
			appendTime(build.Field(3), m.EventMs)
			if m.EventMs == 0 {
				build.Field(4).AppendNull()
			} else {
				build.Field(4).(*array.Int64Builder).Append(m.SinceStartS)
			}
			build.Field(5).(*array.StringBuilder).Append(m.Certainty)
		}
	})
}

func appendTime(b array.Builder, ms int64) {
	if ms == 0 {
		b.AppendNull()
		return
	}
	b.(*array.TimestampBuilder).Append(arrow.Timestamp(ms))
}

// table writes one record batch.
func table(fields []arrow.Field, format string, w io.Writer, fill func(*array.RecordBuilder)) error {
	schema := arrow.NewSchema(fields, nil)
	out, err := newSink(format, w, schema)
	if err != nil {
		return err
	}
	build := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer build.Release()
	fill(build)
	return errors.Join(writeBatch(out, build), out.Close())
}
