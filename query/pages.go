package query

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// page is one file of the pages, read once at start: an embedded tree has no times, so the cache keys on the bytes.
type page struct {
	kind   string
	etag   string
	cache  string
	body   []byte
	packed []byte // gzip, nil where it is not smaller
}

// pageFiles are the paths of CONTRACT.md §4 and their files.
var pageFiles = [...][2]string{{"/", "index.html"}, {"/desk", "desk.html"}, {"/merchant", "merchant.html"}, {"/ops", "ops.html"}}

// loadPages reads the whole tree by request path. The four pages have to be there.
func loadPages(files fs.FS) (map[string]*page, error) {
	out := map[string]*page{}
	if files == nil {
		return out, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		out["/"+name], err = newPage(name, body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	var errs []error
	for _, f := range pageFiles {
		p, ok := out["/"+f[1]]
		if !ok {
			errs = append(errs, fmt.Errorf("pages: %s is missing", f[1]))
		}
		out[f[0]] = p
	}
	return out, errors.Join(errs...)
}

func newPage(name string, body []byte) (*page, error) {
	sum := sha256.Sum256(body)
	p := &page{kind: contentType(name), etag: `"` + hex.EncodeToString(sum[:16]) + `"`, body: body, cache: "no-cache"}
	if strings.HasSuffix(name, ".woff2") {
		p.cache = "public, max-age=604800" // fonts do not change under their name
		return p, nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w.Write(body)
	if err := w.Close(); err != nil {
		return nil, err
	}
	if b.Len() < len(body) {
		p.packed = b.Bytes()
	}
	return p, nil
}

// contentType does not ask the machine's tables for what pages are made of: they differ from one machine to another.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".topojson":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

// sendPage answers with a file, or 304 where the browser has it.
func (p *page) send(c *fiber.Ctx) error {
	c.Set(fiber.HeaderETag, p.etag)
	c.Set(fiber.HeaderCacheControl, p.cache)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if matches(c.Get(fiber.HeaderIfNoneMatch), p.etag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, p.kind)
	if p.packed != nil && acceptsGzip(c.Get(fiber.HeaderAcceptEncoding)) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(p.packed)
	}
	return c.Send(p.body)
}

// matches reads If-None-Match (RFC 9110 §13.1.2): weak comparison, a list, or *.
func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// page answers with a file of the tree, by the request's path.
func (s *Server) page(c *fiber.Ctx, _ args) error {
	name, err := unescape(c.Path())
	p, ok := s.pages[name]
	if err != nil || !ok || p == nil {
		return notFound("There is no page at this path.")
	}
	return p.send(c)
}
