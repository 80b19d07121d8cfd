package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"
)

// setting is a field of a section by its name in the file.
type setting struct {
	name  string // "" where it is not of the file
	env   string // what its variable's name ends in
	value reflect.Value
}

// sections are the settings of a struct: of the Config itself its sections.
func sections(of any) (all []setting) {
	v := reflect.ValueOf(of).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		s := setting{name: tag.Get("yaml"), env: tag.Get("env"), value: v.Field(i)}
		if s.name == "-" {
			s.name = ""
		}
		if s.env == "" {
			s.env = strings.ToUpper(s.name)
		}
		if s.env != "" {
			all = append(all, s)
		}
	}
	return all
}

// maxDepth bounds nesting; anchors may make a document that contains itself.
const maxDepth = 16

// yamlReader puts a document into a Config field by field: a problem names its line and its setting, and the rest is
// read all the same, which no decoder of a library does.
type yamlReader struct {
	file     string
	problems []error
	read     *readings
}

// decode reads festival.yaml's bytes. The error joins every problem, a line each.
func (c *Config) decode(file string, data []byte) error {
	r := &yamlReader{file: file, read: &c.read}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	err := dec.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		err = errors.New("the file is empty; see README.md for an example")
	case err == nil && dec.Decode(&yaml.Node{}) != io.EOF:
		err = errors.New("more than one YAML document: only the first would be read; remove the line ---")
	}
	if err != nil {
		c.read.nothing()
		return fmt.Errorf("%s: %w", file, err)
	}
	r.value("", document.Content[0], reflect.ValueOf(c).Elem(), 0)
	return errors.Join(r.problems...)
}

func (r *yamlReader) bad(n *yaml.Node, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s: line %d: "+format, append([]any{r.file, n.Line}, args...)...))
}

// value reads a node into a field. Nothing written (null) is not given.
func (r *yamlReader) value(path string, n *yaml.Node, into reflect.Value, depth int) {
	for ; n.Kind == yaml.AliasNode; depth++ {
		n = n.Alias
	}
	if depth > maxDepth {
		r.fail(n, path, "it is nested more than %d deep", maxDepth)
		return
	}
	if n.Tag == "!!null" {
		r.null(path, n, into)
		return
	}
	section := into
	if into.Kind() == reflect.Pointer && into.Type().Elem().Kind() == reflect.Struct {
		into.Set(reflect.New(into.Type().Elem()))
		section = into.Elem()
	}
	scalar := setScalar(reflect.New(into.Type()).Elem(), "") != errNoScalar
	switch {
	case scalar && n.Kind != yaml.ScalarNode:
		r.fail(n, path, "want one value")
	case scalar:
		if err := setScalar(into, n.Value); err != nil {
			r.fail(n, path, "%q: %w", n.Value, err)
		}
	case section.Kind() == reflect.Struct:
		r.section(path, n, section, depth)
	case into.Kind() == reflect.Slice:
		r.list(path, n, into, depth)
	default:
		r.table(path, n, into)
	}
}

// null leaves the default; a section that switches something on by being there has to say what it means.
func (r *yamlReader) null(path string, n *yaml.Node, into reflect.Value) {
	if into.Kind() == reflect.Pointer && into.Type().Elem().Kind() == reflect.Struct {
		r.fail(n, path, "is empty: fill it in, or leave it out")
	}
}

func (r *yamlReader) fail(n *yaml.Node, path, format string, args ...any) {
	r.read.fail(path)
	sign := " "
	if !strings.HasPrefix(format, "%q") && !strings.HasPrefix(format, "is ") {
		sign = ": "
	}
	if path == "" {
		path, sign = "festival.yaml", ": "
	}
	r.bad(n, "%s"+sign+format, append([]any{path}, args...)...)
}

// section reads a mapping with known keys.
func (r *yamlReader) section(path string, n *yaml.Node, into reflect.Value, depth int) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, path, "want a section: key: value")
		return
	}
	fields := sections(into.Addr().Interface())
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			r.value(path, value, into, depth+1)
			continue
		}
		if line, again := seen[key.Value]; again {
			r.bad(key, "key %s is given already on line %d", join(path, key.Value), line)
			continue
		}
		seen[key.Value] = key.Line
		r.field(path, key, value, fields, depth)
	}
}

func (r *yamlReader) field(path string, key, value *yaml.Node, fields []setting, depth int) {
	var names []string
	for _, f := range fields {
		if f.name != "" && f.name == key.Value {
			r.value(join(path, f.name), value, f.value, depth+1)
			return
		}
		if f.name == "" && f.env == strings.ToUpper(key.Value) {
			r.bad(key, "%s does not belong into this file: give %s_file, or the variable %s", join(path, key.Value), key.Value, envName(join(path, f.env)))
			return
		}
		names = append(names, f.name) // of a secret empty
	}
	where := ""
	if path != "" {
		where = " in section " + path
	}
	r.bad(key, "unknown key %s%s%s", key.Value, where, didYouMean(key.Value, names))
}

// list reads a sequence; what is wrong with one of its values is said with its line.
func (r *yamlReader) list(path string, n *yaml.Node, into reflect.Value, depth int) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, path, "%q: want a list, such as [a, b]", n.Value)
		return
	}
	all := reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content))
	for i, one := range n.Content {
		at := path
		if one.Kind == yaml.MappingNode {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		r.value(at, one, all.Index(i), depth+1)
	}
	into.Set(all)
}

// table reads texts by name.
func (r *yamlReader) table(path string, n *yaml.Node, into reflect.Value) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, path, "%q: want a table, such as {CNY: \"1\"}", n.Value)
		return
	}
	all := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if _, again := all[key.Value]; again {
			r.bad(key, "%s is given twice", join(path, key.Value))
		}
		if value.Kind != yaml.ScalarNode {
			r.fail(value, join(path, key.Value), "want one value")
		}
		all[key.Value] = value.Value
	}
	into.Set(reflect.ValueOf(all))
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }
