package libchdb

import (
	"runtime"
	"unsafe"
)

// cargs keeps Go memory that C reads during one call. Strings and arrays handed
// out by it are pinned until free.
type cargs struct {
	pin runtime.Pinner
}

func (c *cargs) free() { c.pin.Unpin() }

// str gives address and length of s; not terminated by a NUL.
func (c *cargs) str(s string) (at, length uintptr) {
	if s == "" {
		s = "\x00" // a valid address for an empty string
		return c.address(unsafe.StringData(s)), 0
	}
	return c.address(unsafe.StringData(s)), uintptr(len(s))
}

func (c *cargs) address(p *byte) uintptr {
	c.pin.Pin(p)
	return uintptr(unsafe.Pointer(p))
}

// list gives the address of an array of words, 0 for an empty one.
func (c *cargs) list(words []uintptr) uintptr {
	if len(words) == 0 {
		return 0
	}
	c.pin.Pin(&words[0])
	return uintptr(unsafe.Pointer(&words[0]))
}

// argv gives a char** of NUL-terminated strings.
func (c *cargs) argv(args []string) uintptr {
	words := make([]uintptr, 0, len(args)+1)
	for _, a := range args {
		at, _ := c.str(a + "\x00")
		words = append(words, at)
	}
	return c.list(append(words, 0))
}

// params gives the five words that end every _with_params_n call: names, their
// lengths, values, their lengths, count.
func (c *cargs) params(p Params) [5]uintptr {
	n := len(p)
	names, nameLens := make([]uintptr, 0, n), make([]uintptr, 0, n)
	values, valueLens := make([]uintptr, 0, n), make([]uintptr, 0, n)
	for name, value := range p {
		at, length := c.str(name)
		names, nameLens = append(names, at), append(nameLens, length)
		at, length = c.str(value)
		values, valueLens = append(values, at), append(valueLens, length)
	}
	return [5]uintptr{c.list(names), c.list(nameLens), c.list(values), c.list(valueLens), uintptr(n)}
}
