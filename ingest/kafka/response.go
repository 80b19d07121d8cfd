package kafka

import (
	"encoding/binary"
	"fmt"
	"io"

	kafkago "github.com/segmentio/kafka-go"
)

// answer is a fetch answer (version 11) for one partition. records aliases the body; aborted is a slice to reuse.
type answer struct {
	code          kafkago.Error // of the partition, or of the whole
	partition     int32
	highWatermark int64
	stableEnd     int64
	logStart      int64
	aborted       []abortedTxn
	records       []byte // whole batches, perhaps with a piece of one at the end
}

// parseAnswer reads the body after the correlation id. A short or odd body is a transport fault (io.ErrUnexpectedEOF): nothing
// in it can be trusted, and asking again costs nothing.
func parseAnswer(body []byte, into *answer) error {
	p := parser{b: body}
	p.int32() // throttle time
	into.code = kafkago.Error(p.int16())
	p.int32() // session
	topics := p.int32()
	into.partition, into.records, into.aborted = -1, nil, into.aborted[:0]
	if into.code != 0 && !p.bad {
		return nil
	}
	if topics != 1 {
		return fmt.Errorf("fetch answer of %d topics: %w", topics, io.ErrUnexpectedEOF)
	}
	p.take(int(p.int16())) // topic name
	if n := p.int32(); n != 1 {
		return fmt.Errorf("fetch answer of %d partitions: %w", n, io.ErrUnexpectedEOF)
	}
	into.partition = p.int32()
	into.code = kafkago.Error(p.int16())
	into.highWatermark, into.stableEnd, into.logStart = p.int64(), p.int64(), p.int64()
	for n := p.int32(); n > 0 && !p.bad; n-- {
		into.aborted = append(into.aborted, abortedTxn{producer: p.int64(), first: p.int64()})
	}
	p.int32() // preferred replica: we name no rack, so it is always the leader
	if n := p.int32(); n > 0 {
		into.records = p.take(int(n))
	}
	if p.bad {
		return fmt.Errorf("fetch answer of %d bytes is cut short: %w", len(body), io.ErrUnexpectedEOF)
	}
	return nil
}

// parser reads big-endian fields; reading past the end sets bad and gives zeros.
type parser struct {
	b   []byte
	bad bool
}

func (p *parser) take(n int) []byte {
	if n < 0 || n > len(p.b) {
		p.bad, p.b = true, nil
		return nil
	}
	out := p.b[:n:n]
	p.b = p.b[n:]
	return out
}

func (p *parser) int16() int16 {
	if b := p.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (p *parser) int32() int32 {
	if b := p.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (p *parser) int64() int64 {
	if b := p.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}
