package aggregate

// Dirty is how many cells the next Drain gives, so that the owner can keep a flush within one block.
func (c *Core) Dirty() int {
	n := 0
	for _, s := range c.done {
		n += len(s.dirty)
	}
	if c.open != nil {
		n += len(c.open.dirty)
	}
	return n
}
