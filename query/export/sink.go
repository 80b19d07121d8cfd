package export

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/csv"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Formats are the file formats that a sink can write.
func Formats() []string { return []string{"csv", "parquet", "arrow"} }

// sink takes record batches of one schema.
type sink interface {
	Write(arrow.RecordBatch) error
	Close() error
}

// newSink opens a sink of a format on w, which it does not close.
func newSink(format string, w io.Writer, schema *arrow.Schema) (sink, error) {
	switch format {
	case "csv":
		return csvSink{csv.NewWriter(w, schema, csv.WithHeader(true), csv.WithNullWriter(""))}, nil
	case "arrow":
		return ipc.NewWriter(w, ipc.WithSchema(schema)), nil
	case "parquet":
		props := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))
		return pqarrow.NewFileWriter(schema, keepOpen{w}, props, pqarrow.DefaultWriterProps())
	}
	return nil, fmt.Errorf("format %q: one of %v", format, Formats())
}

// csvSink flushes at the end, with the error that csv keeps.
type csvSink struct{ *csv.Writer }

func (s csvSink) Close() error { return errors.Join(s.Flush(), s.Error()) }

// keepOpen hides Close from the Parquet writer, which would close its output.
type keepOpen struct{ io.Writer }
