package kafka

import (
	"context"
	"fmt"

	kafkago "github.com/segmentio/kafka-go"
)

// CheckTail fetches the batch at tail.BaseOffset again and fails with ErrLogReplaced where the log does not hold it any more:
// other bytes, another epoch, another batch, or an end before it. It passes where retention has deleted the batch (then nothing
// can be said), and for NoTail.
func (c *Client) CheckTail(ctx context.Context, partition int32, tail Tail) error {
	if tail.BaseOffset < 0 {
		return nil
	}
	a, err := c.fetchOne(ctx, partition, tail.BaseOffset)
	switch {
	case err != nil:
		return err
	case a.code == kafkago.OffsetOutOfRange:
		return c.tailOutOfRange(ctx, partition, tail)
	case a.code != 0:
		return fmt.Errorf("tail of partition %d: %w", partition, a.code)
	case a.logStart > tail.BaseOffset:
		return nil // retention is inside the batch: it will go next
	}
	raw, _, _, ok := splitBatch(a.records)
	if !ok || len(raw) < batchOverhead {
		return c.noTail(ctx, partition, tail, a)
	}
	return c.compareTail(partition, tail, readBatch(raw))
}

// fetchOne asks for the batch at an offset.
func (c *Client) fetchOne(ctx context.Context, partition int32, offset int64) (*answer, error) {
	cfg := c.cfg
	cfg.MinBytes, cfg.MaxWait = 1, 0
	req := newFetchRequest(&cfg, partition, offset, 1, nil) // one byte: the first batch comes whole
	if err := c.roundTrip(ctx, 0, req); err != nil {
		return nil, fmt.Errorf("tail of partition %d: %w", partition, err)
	}
	var a answer
	if err := parseAnswer(req.body, &a); err != nil {
		return nil, fmt.Errorf("tail of partition %d: %w", partition, err)
	}
	return &a, nil
}

// noTail: the leader took the offset and gave nothing. Either its high watermark stands before the batch for a moment, as a new
// leader's does (KIP-207), or its log ends exactly where the batch began: then the offset after it is out of range.
func (c *Client) noTail(ctx context.Context, partition int32, tail Tail, at *answer) error {
	if at.highWatermark <= tail.BaseOffset {
		next, err := c.fetchOne(ctx, partition, tail.BaseOffset+1)
		switch {
		case err != nil:
			return err
		case next.code == kafkago.OffsetOutOfRange:
			return c.replaced(partition, tail, fmt.Sprintf("the log ends at %d", at.highWatermark))
		}
	}
	return fmt.Errorf("tail of partition %d: %w", partition, kafkago.OffsetNotAvailable)
}

func (c *Client) compareTail(partition int32, tail Tail, h batch) error {
	if have := h.tail(); have != tail {
		return c.replaced(partition, tail, fmt.Sprintf("there is now batch %d with CRC %08x of epoch %d", have.BaseOffset, have.CRC, have.LeaderEpoch))
	}
	if sum := h.sum(castagnoli()); sum != h.crc {
		return c.logError(ErrCRC, partition, h.base, "its bytes sum to %08x, sealed was %08x: mend the broker's disk or fail over to a sound replica; it goes on by itself", sum, h.crc)
	}
	return nil
}

func (c *Client) tailOutOfRange(ctx context.Context, partition int32, tail Tail) error {
	all, err := c.Offsets(ctx, []int32{partition})
	switch {
	case err != nil:
		return fmt.Errorf("tail of partition %d: %w", partition, err)
	case tail.BaseOffset < all[0].LogStart:
		return nil
	case tail.BaseOffset < all[0].HighWatermark:
		return fmt.Errorf("tail of partition %d: %w", partition, kafkago.OffsetNotAvailable)
	}
	return c.replaced(partition, tail, fmt.Sprintf("the log ends at %d", all[0].HighWatermark))
}

func (c *Client) replaced(partition int32, tail Tail, now string) error {
	return c.logError(ErrLogReplaced, partition, tail.BaseOffset, "the batch counted there had CRC %08x of epoch %d, %s: the topic was recreated or an unclean election cut it; restore the log, or open another ledger with `festival ledger new %s`", tail.CRC, tail.LeaderEpoch, now, c.cfg.Place)
}
