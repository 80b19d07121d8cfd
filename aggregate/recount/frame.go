package recount

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// unhashed are the members that a frame's hash leaves out (DESIGN.md §4).
var unhashed = []string{"hash", "fresh_ms", "later"}

// ofView are the members in which a window's frame differs from that of the whole festival (CONTRACT.md §3).
var ofView = []string{"total", "mobile", "rate", "devices", "countries", "provinces", "flows", "windows"}

// Frame is a stored frame as it was read: every member, by its exact name.
type Frame struct{ members map[string]any }

// ReadFrame reads a frame's bytes.
func ReadFrame(text []byte) (*Frame, error) {
	value, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("a frame is one JSON object")
	}
	return &Frame{object}, nil
}

// Hashed gives the bytes that an official frame's hash is made of.
func (f *Frame) Hashed() ([]byte, error) { return f.canonical(unhashed) }

// Common gives, in canonical form, what a window's frame has to have the same as that of the whole festival.
func (f *Frame) Common() ([]byte, error) { return f.canonical(ofView) }

func (f *Frame) canonical(without []string) ([]byte, error) {
	some := map[string]any{}
	for name, value := range f.members {
		some[name] = value
	}
	for _, name := range without {
		delete(some, name)
	}
	var out bytes.Buffer
	err := writeCanonical(&out, some)
	return out.Bytes(), err
}

// Text gives a member that is a string, "" where it is none.
func (f *Frame) Text(name string) string {
	s, _ := f.members[name].(string)
	return s
}

// Number gives a member that is an integer; ok false where it is none.
func (f *Frame) Number(name string) (n int64, ok bool) { return number(f.members[name]) }

// Figure gives an integer within an object, such as total.after_close; ok false where there is none.
func (f *Frame) Figure(object, name string) (n int64, ok bool) {
	members, _ := f.members[object].(map[string]any)
	return number(members[name])
}

// Differs gives the names of members that are not the same in another document. Of objects, those members count that
// this one has.
func (f *Frame) Differs(other *Frame, names ...string) (out []string) {
	for _, name := range names {
		mine, theirs := f.members[name], other.members[name]
		if some, isObject := mine.(map[string]any); isObject {
			theirs = only(theirs, some)
		}
		var a, b bytes.Buffer
		if writeCanonical(&a, mine) != nil || writeCanonical(&b, theirs) != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			out = append(out, name)
		}
	}
	return out
}

// only leaves an object the members that another one has.
func only(value any, some map[string]any) any {
	members, _ := value.(map[string]any)
	out := map[string]any{}
	for name := range some {
		if v, there := members[name]; there {
			out[name] = v
		}
	}
	return out
}

// True tells whether a member is true.
func (f *Frame) True(name string) bool { return f.members[name] == true }

// Positions gives the next offsets to read, by partition as the frame names it.
func (f *Frame) Positions() map[string]int64 { return f.offsets("positions") }

// After gives how far was counted beside a closed festival's figures (CONTRACT.md §4); nil while it is open.
func (f *Frame) After() map[string]int64 {
	if f.members["after_positions"] == nil {
		return nil
	}
	return f.offsets("after_positions")
}

func (f *Frame) offsets(name string) map[string]int64 {
	out := map[string]int64{}
	for partition, value := range object(f.members[name]) {
		if at, ok := number(value); ok {
			out[partition] = at
		}
	}
	return out
}

// Complete is the newest complete event second by the frame's own watermark; ok false where it has none.
func (f *Frame) Complete() (second int64, ok bool) {
	at, err := time.Parse(time.RFC3339, f.Text("watermark"))
	return at.Unix() - 1, err == nil
}

func number(value any) (int64, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	return whole(n.String())
}
