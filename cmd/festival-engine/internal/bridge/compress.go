package bridge

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// unpack gives the body without its Content-Encoding and, with decompress=1,
// without ClickHouse's block framing.
func unpack(r *http.Request) (io.Reader, error) {
	body, err := decode(r.Header.Get("Content-Encoding"), r.Body)
	if err != nil {
		return nil, fmt.Errorf("unpack request: %w", err)
	}
	if isOn(r.URL.Query().Get("decompress")) {
		return &framedReader{from: compress.NewReader(body)}, nil
	}
	return body, nil
}

func decode(encoding string, body io.Reader) (io.Reader, error) {
	switch strings.ToLower(encoding) {
	case "", "identity":
		return body, nil
	case "gzip":
		return gzip.NewReader(body)
	case "deflate":
		return zlib.NewReader(body)
	case "br":
		return brotli.NewReader(body), nil
	case "lz4":
		return lz4.NewReader(body), nil
	case "zstd":
		d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return d, nil
	}
	return nil, exception(codeNotImplemented, fmt.Sprintf("Content-Encoding %q is not known: use gzip, deflate, br, lz4 or zstd", encoding))
}

// framedReader gives a bare io.EOF, which ch-go's reader wraps, and keeps its end:
// read again after its end, ch-go's reader gives its last block once more.
type framedReader struct {
	from *compress.Reader
	err  error
}

// Read follows io.Reader.
func (r *framedReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.from.Read(p)
	if err != nil && errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	r.err = err
	return n, err
}

// compression names the method of the response: "" without compress=1.
func compression(q url.Values) string {
	if !isOn(q.Get("compress")) {
		return ""
	}
	return strings.ToUpper(first(q.Get("network_compression_method"), "LZ4"))
}

// framer writes ClickHouse's compressed blocks. One of its kind, without a
// method, writes bytes as they are.
type framer struct {
	to io.Writer
	w  *compress.Writer
}

func newFramer(to io.Writer, method string) *framer {
	switch method {
	case "":
		return &framer{to: to}
	case "ZSTD":
		return &framer{to, compress.NewWriter(0, compress.ZSTD)}
	case "NONE":
		return &framer{to, compress.NewWriter(0, compress.None)}
	}
	return &framer{to, compress.NewWriter(0, compress.LZ4)}
}

// frameBytes bounds one compressed block: ClickHouse's max_compress_block_size.
const frameBytes = 1 << 20

func (f *framer) Write(p []byte) (int, error) {
	if f.w == nil {
		return f.to.Write(p)
	}
	n := len(p)
	for len(p) > 0 {
		piece := p[:min(len(p), frameBytes)]
		p = p[len(piece):]
		if err := f.w.Compress(piece); err != nil {
			return 0, fmt.Errorf("compress response: %w", err)
		}
		if _, err := f.to.Write(f.w.Data); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// plain gives a framer whose blocks hold the bytes unpacked, so that a client that
// looks for an exception in the raw response finds it.
func (f *framer) plain() *framer {
	if f.w == nil {
		return f
	}
	return newFramer(f.to, "NONE")
}
