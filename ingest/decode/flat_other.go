//go:build !amd64

package decode

import "festival/aggregate"

// hasMarks is false: marks is for amd64 only.
const hasMarks = false

// flat is nothing without marks: every record goes the general way.
type flat struct{ waits uint8 }

const flatPatience, flatWait = 0, 0

func (d *Decoder) flatRecord([]byte, *aggregate.Order) bool { return false }
