package aggregate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// JSON gives the frame as it goes over the wire: the contract's fields in the contract's order, ">" as it is.
func (f *Frame) JSON() []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		panic(fmt.Sprintf("BUG: frame: %v", err)) // strings and integers only
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// Unhashed are the members of a frame that its hash leaves out (DESIGN.md §4).
func Unhashed() []string { return []string{"hash", "fresh_ms", "later"} }

// Canonical gives what the frame's hash is made of: RFC 8785 JSON without hash, fresh_ms and later.
func (f *Frame) Canonical() []byte {
	out, err := Canonical(f.JSON(), Unhashed()...)
	if err != nil {
		panic(fmt.Sprintf("BUG: frame: %v", err))
	}
	return out
}

// Digest is the SHA-256 of Canonical in hex: an official frame's hash.
func (f *Frame) Digest() string {
	sum := sha256.Sum256(f.Canonical())
	return hex.EncodeToString(sum[:])
}

// MarshalJSON writes the partitions in numeric order.
func (p Positions) MarshalJSON() ([]byte, error) {
	partitions := make([]int32, 0, len(p))
	for n := range p {
		partitions = append(partitions, n)
	}
	slices.Sort(partitions)
	var out strings.Builder
	for i, n := range partitions {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(strconv.Quote(strconv.Itoa(int(n))) + ":" + strconv.FormatInt(p[n], 10))
	}
	return []byte("{" + out.String() + "}"), nil
}
