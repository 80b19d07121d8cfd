package recount

import (
	"bytes"
	"encoding/json"
)

// fields are the known members of a record: the first value of each, and which were given more than once. Values
// are string, json.Number, bool, nil (null), or json.Delim for an object or list.
type fields struct {
	value map[string]any
	twice map[string]bool
}

// readFields reads the outer object's members with encoding/json tokens; names compare after unescaping and by
// case. The value is wellFormed. ok is false where it is not one object.
func readFields(value []byte) (f fields, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	f = fields{value: make(map[string]any, len(order)), twice: map[string]bool{}}
	if outer, err := dec.Token(); err != nil || outer != json.Delim('{') {
		return f, false
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return f, false
		}
		v, err := nextValue(dec)
		if err != nil {
			return f, false
		}
		f.put(name.(string), v)
	}
	return f, true
}

func (f *fields) put(name string, v any) {
	if !isField[name] {
		return
	}
	if _, before := f.value[name]; before {
		f.twice[name] = true
		return
	}
	f.value[name] = v
}

// nextValue reads a value; of an object or list only the opening bracket is kept, the rest is passed over.
func nextValue(dec *json.Decoder) (any, error) {
	first, err := dec.Token()
	if _, nested := first.(json.Delim); !nested || err != nil {
		return first, err
	}
	for depth := 1; depth > 0; {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return first, nil
}
