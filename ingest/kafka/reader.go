package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"

	kafkago "github.com/segmentio/kafka-go"
)

// Fetched is what one answer said of its partition.
type Fetched struct {
	HighWatermark int64
	StableEnd     int64 // last stable offset, as it was just before the broker read: records settled since may follow in the same answer
	LogStart      int64
	Leader        int32 // broker id that answered; when it changes, CheckTail
	Bytes         int   // of batches
}

// Reader reads one partition, in offset order, read_committed. It belongs to one goroutine; Close it.
//
//	for {
//		fetched, err := r.Fetch(ctx, r.Position())
//		for r.Next() { use(r.Record()) }   // leave the loop at any record, come back later: Position is exact
//		if err := r.Err(); err != nil { stop the partition }
//	}
//
// With Config.ReadAhead the next bytes are asked for while the caller works on the last ones; that goroutine ends with the
// context of the Fetch that began it, and Close waits for it.
type Reader struct {
	client    *Client
	partition int32
	cursor    *cursor
	answer    answer
	body      []byte    // the answer's bytes, and so the cursor's
	spare     []byte    // the buffer that nobody uses
	ahead     *exchange // under way, or nil
}

// exchange is a fetch under way.
type exchange struct {
	offset int64
	cancel context.CancelFunc
	done   chan struct{} // closed when req and err may be read
	req    *fetchRequest
	err    error
}

// Reader for a partition, at offset 0 until the first Fetch.
func (c *Client) Reader(partition int32) *Reader {
	return &Reader{client: c, partition: partition, cursor: newCursor(c.cfg.Topic, partition)}
}

// Close ends the read-ahead and frees the buffers. The Reader is of no use afterwards.
func (r *Reader) Close() {
	r.drop()
	r.cursor.unpack.close()
	r.body, r.spare = nil, nil
}

// Next moves to the next record of the fetched bytes. false: they are used up (Fetch again at Position), or Err.
func (r *Reader) Next() bool { return r.cursor.next() }

// Record that Next moved to, valid until the next call of Next or Fetch. The same Record each time.
func (r *Reader) Record() *Record { return &r.cursor.rec }

// Err is the LogError that made Next false, or nil. It stays until the next Fetch.
func (r *Reader) Err() error { return r.cursor.err }

// Position is the next offset to read: after the last record given, and after control, aborted and empty batches passed.
func (r *Reader) Position() int64 { return r.cursor.position }

// Tail is the last batch that Position stands in or behind, NoTail before the first.
func (r *Reader) Tail() Tail { return r.cursor.tail }

// Fetch asks the leader for records from offset on, and waits for them up to Config.MaxWait. Records of the fetch before are gone. An error of a Kind
// stops the partition; others may be tried again (Retryable).
func (r *Reader) Fetch(ctx context.Context, offset int64) (Fetched, error) {
	r.cursor.open(offset, nil, nil)
	if err := ctx.Err(); err != nil {
		return Fetched{}, err // even where the bytes have come already
	}
	req, err := r.exchange(ctx, offset)
	if err != nil {
		return Fetched{}, fmt.Errorf("fetch partition %d at offset %d: %w", r.partition, offset, err)
	}
	r.spare, r.body = r.body, req.body
	if err := r.read(ctx, offset); err != nil {
		return Fetched{}, err
	}
	a := &r.answer
	if end := endOfBatches(a.records, offset); end > offset && r.client.cfg.ReadAhead {
		r.start(ctx, end)
	}
	r.cursor.open(offset, a.records, a.aborted)
	return Fetched{
		HighWatermark: a.highWatermark, StableEnd: a.stableEnd, LogStart: a.logStart,
		Leader: req.leader, Bytes: len(a.records),
	}, nil
}

// read parses the answer and sorts out what is wrong with it.
func (r *Reader) read(ctx context.Context, offset int64) error {
	a := &r.answer
	err := parseAnswer(r.body, a)
	switch {
	case err != nil:
	case a.code == kafkago.OffsetOutOfRange:
		return r.client.outOfRange(ctx, r.partition, offset)
	case a.code != 0:
		err = a.code
	case a.partition != r.partition:
		err = fmt.Errorf("answer for partition %d: %w", a.partition, io.ErrUnexpectedEOF)
	case a.logStart > offset:
		return r.client.offsetLost(r.partition, offset, a.logStart)
	case len(a.records) > 0 && !wholeBatch(a.records):
		err = fmt.Errorf("answer of %d bytes without a whole batch: %w", len(a.records), io.ErrUnexpectedEOF)
	}
	if err != nil {
		return fmt.Errorf("fetch partition %d at offset %d: %w", r.partition, offset, err)
	}
	return nil
}

// wholeBatch says whether progress is possible: Kafka sends the first batch whole, however big. A length that can be none is
// the cursor's to report.
func wholeBatch(records []byte) bool {
	_, _, length, ok := splitBatch(records)
	return ok || length < 0
}

// outOfRange asks the leader which side of its log the offset fell off.
func (c *Client) outOfRange(ctx context.Context, partition int32, offset int64) error {
	all, err := c.Offsets(ctx, []int32{partition})
	if err != nil {
		return fmt.Errorf("offset %d out of range: %w", offset, err)
	}
	switch o := all[0]; {
	case offset < o.LogStart:
		return c.offsetLost(partition, offset, o.LogStart)
	case offset > o.HighWatermark:
		return c.logError(ErrLogTruncated, partition, offset, "the log ends at %d: it was cut or replaced; restore it, or open another ledger with `festival ledger new %s`", o.HighWatermark, c.cfg.Place)
	}
	return fmt.Errorf("offset %d was out of range and is not any more: %w", offset, kafkago.OffsetNotAvailable)
}

func (c *Client) offsetLost(partition int32, offset, logStart int64) error {
	err := c.logError(ErrOffsetLost, partition, offset, "the log begins at %d, %d offsets were deleted before they were counted: recount them from a copy of the log, or open another ledger; raise retention", logStart, logStart-offset)
	err.LogStart = logStart
	return err
}

// exchange waits for the answer at offset: the one read ahead, or a new one.
func (r *Reader) exchange(ctx context.Context, offset int64) (*fetchRequest, error) {
	if r.ahead == nil || r.ahead.offset != offset {
		r.drop()
		req := newFetchRequest(&r.client.cfg, r.partition, offset, r.client.cfg.FetchBytes, r.take())
		return req, r.client.roundTrip(ctx, r.client.cfg.MaxWait, req)
	}
	x := r.ahead
	r.ahead = nil
	<-x.done // its context is a child of an earlier ctx of ours and has a deadline
	x.cancel()
	if errors.Is(x.err, context.Canceled) && ctx.Err() == nil {
		return r.exchange(ctx, offset) // that earlier context ended, this one has not
	}
	return x.req, x.err
}

// take gives the spare buffer away. A failed exchange keeps it: the transport may still write there.
func (r *Reader) take() []byte {
	buf := r.spare
	r.spare = nil
	return buf[:0]
}

func (r *Reader) start(ctx context.Context, offset int64) {
	ctx, cancel := context.WithCancel(ctx)
	x := &exchange{
		offset: offset, cancel: cancel, done: make(chan struct{}),
		req: newFetchRequest(&r.client.cfg, r.partition, offset, r.client.cfg.FetchBytes, r.take()),
	}
	r.ahead = x
	go func() {
		defer close(x.done)
		x.err = r.client.roundTrip(ctx, r.client.cfg.MaxWait, x.req)
	}()
}

// drop ends the read-ahead and forgets its buffer.
func (r *Reader) drop() {
	if x := r.ahead; x != nil {
		r.ahead = nil
		x.cancel()
		<-x.done
	}
}
