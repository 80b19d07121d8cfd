package query

import "festival/sql"

// diskRow is the store's disk, bytes.
type diskRow struct {
	Used  int64 `json:"used"`
	Limit int64 `json:"limit"`
	Free  int64 `json:"free"` // what the store may still take
	Keep  int64 `json:"keep"` // less than so much free: flushes are refused; 0: never
	// Guarded: the process that owns the disk says so. Else Keep is this serve's own store.keep_free, for a store that tells of no
	// guard, as a ClickHouse server.
	Guarded bool `json:"guarded"`
}

// The default of store.keep_free, as package engine has it (engine.DefaultKeepFree): 2 GiB, or the twentieth part of a smaller disk.
const (
	defaultKeepFree = 2 << 30
	keepShare       = 20
)

func newDiskRow(d sql.Disk, keep int64) *diskRow {
	switch {
	case d.Guard != nil:
		keep = *d.Guard
	case keep == 0:
		keep = min(defaultKeepFree, d.Total/keepShare)
	}
	return &diskRow{Used: d.Total - d.Free, Limit: d.Total, Free: d.Free, Keep: max(0, keep), Guarded: d.Guard != nil}
}
