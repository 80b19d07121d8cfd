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
	cfg := c.cfg
	cfg.MinBytes = 1
	req := newFetchRequest(&cfg, partition, tail.BaseOffset, 1, nil) // one byte: the first batch comes whole
	if err := c.roundTrip(ctx, cfg.MaxWait, req); err != nil {
		return fmt.Errorf("tail of partition %d: %w", partition, err)
	}
	var a answer
	if err := parseAnswer(req.body, &a); err != nil {
		return fmt.Errorf("tail of partition %d: %w", partition, err)
	}
	switch {
	case a.code == kafkago.OffsetOutOfRange:
		return c.tailOutOfRange(ctx, partition, tail)
	case a.code != 0:
		return fmt.Errorf("tail of partition %d: %w", partition, a.code)
	case a.logStart > tail.BaseOffset:
		return nil // retention is inside the batch: it will go next
	}
	return c.compareTail(partition, tail, &a)
}

func (c *Client) compareTail(partition int32, tail Tail, a *answer) error {
	raw, _, _, ok := splitBatch(a.records)
	if !ok || len(raw) < batchOverhead {
		// A new leader's high watermark may stand before our position for a moment; the batch itself would be there.
		if a.highWatermark <= tail.BaseOffset {
			return c.replaced(partition, tail, fmt.Sprintf("the log ends at %d", a.highWatermark))
		}
		return fmt.Errorf("tail of partition %d: %w", partition, kafkago.OffsetNotAvailable)
	}
	h := readBatch(raw)
	if have := h.tail(); have != tail {
		return c.replaced(partition, tail, fmt.Sprintf("there is now batch %d with CRC %08x of epoch %d", have.BaseOffset, have.CRC, have.LeaderEpoch))
	}
	if sum := h.sum(castagnoli()); sum != h.crc {
		return c.logError(ErrCRC, partition, h.base, "its bytes sum to %08x, sealed was %08x: mend the broker's disk or fail over to a sound replica, then restart", sum, h.crc)
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
	return c.logError(ErrLogReplaced, partition, tail.BaseOffset, "the batch counted there had CRC %08x of epoch %d, %s: the topic was recreated or an unclean election cut it; restore the log, or open another ledger", tail.CRC, tail.LeaderEpoch, now)
}
