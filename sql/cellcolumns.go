package sql

import "sync"

// cellColumns are cell rows as columns, in the order of every SELECT of cells; query/cells_insert.sql has era behind them.
type cellColumns struct {
	window, dim []uint8
	partition   []int32
	segment     []int64
	bucket      []int64
	revision    []uint64
	key         []string
	m           [7][]int64
	era         []uint8 // written only: what is read is of the era that counts
}

func (c *cellColumns) columns() []column {
	out := []column{uint8s(&c.window), enum8s(&c.dim), int32s(&c.partition), int64s(&c.segment), int64s(&c.bucket),
		uint64s(&c.revision), textsOf(&c.key)}
	return append(out, c.measures()...)
}

func (c *cellColumns) measures() []column {
	var out []column
	for i := range c.m {
		out = append(out, int64s(&c.m[i]))
	}
	return out
}

func (c *cellColumns) push(rows []CellRow) {
	for i := range rows {
		r := &rows[i]
		c.window = append(c.window, r.Window)
		c.dim = append(c.dim, r.Dim)
		c.partition = append(c.partition, r.Partition)
		c.segment = append(c.segment, r.Segment)
		c.bucket = append(c.bucket, r.Bucket)
		c.revision = append(c.revision, uint64(r.Revision))
		c.key = append(c.key, r.Key)
		for k := range c.m {
			c.m[k] = append(c.m[k], r.M[k])
		}
		c.era = append(c.era, r.Era)
	}
}

func (c *cellColumns) reset() {
	for _, col := range c.columns() {
		col.reset()
	}
	c.era = c.era[:0]
}

func (c *cellColumns) row(i int) CellRow {
	return CellRow{Window: c.window[i], Dim: c.dim[i], Partition: c.partition[i], Segment: c.segment[i], Bucket: c.bucket[i],
		Revision: int64(c.revision[i]), Key: c.key[i], M: c.measure(i)}
}

func (c *cellColumns) measure(i int) (m [7]int64) {
	for k := range c.m {
		m[k] = c.m[k][i]
	}
	return m
}

// cellPool holds columns between flushes: a flush has tens of thousands of rows, five times a second.
type cellPool struct{ pool sync.Pool }

func (p *cellPool) get() *cellColumns {
	c, ok := p.pool.Get().(*cellColumns)
	if !ok {
		c = new(cellColumns)
	}
	c.reset()
	return c
}

func (p *cellPool) put(c *cellColumns) { p.pool.Put(c) }
