package verify

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Where a record batch of magic 2 has what (Kafka protocol, "Record Batch"): the length counts the bytes behind itself,
// the CRC-32C those from the attributes on.
const (
	batchLength   = 8
	batchHead     = 12
	batchMagic    = 16
	batchCRC      = 17
	batchSummed   = 21
	crcPolynomial = crc32.Castagnoli
)

// damaged names the batch of a fetch whose bytes have another CRC than it says; "" where there is none. The client's own
// sentence has only the two sums.
func (l *reader) damaged(ctx context.Context, from int64) string {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	meta, err := kadm.NewClient(l.client).Metadata(ctx, l.topic)
	if err != nil {
		return ""
	}
	detail := meta.Topics[l.topic]
	got, _, err := l.ask(ctx, kmsg.NewPtrFetchRequest(), detail.ID, detail.Partitions[l.partition].Leader, from)
	if err != nil {
		return ""
	}
	base, says, has, found := badBatch(got.RecordBatches)
	if !found {
		return ""
	}
	return fmt.Sprintf("the batch at base offset %d is damaged: its bytes have the CRC-32C %08x, it says %08x. Restore the broker's copy, or recount with --from orders", base, has, says)
}

// badBatch walks whole batches; the last one of a fetch may be cut off.
func badBatch(raw []byte) (base int64, says, has uint32, found bool) {
	for len(raw) > batchSummed {
		end := batchHead + int(int32(binary.BigEndian.Uint32(raw[batchLength:])))
		if end <= batchSummed || end > len(raw) || raw[batchMagic] != 2 {
			return 0, 0, 0, false
		}
		base, says = int64(binary.BigEndian.Uint64(raw)), binary.BigEndian.Uint32(raw[batchCRC:])
		if has = crc32.Checksum(raw[batchSummed:end], crc32.MakeTable(crcPolynomial)); has != says {
			return base, says, has, true
		}
		raw = raw[end:]
	}
	return 0, 0, 0, false
}

// reached is the offset behind the last record of a fetch, at least at.
func reached(fetches kgo.Fetches, at int64) int64 {
	fetches.EachRecord(func(rec *kgo.Record) { at = max(at, rec.Offset+1) })
	return at
}
