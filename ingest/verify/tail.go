package verify

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// batchEpoch is where a record batch has the epoch of the leader that took it.
const batchEpoch = 12

// tail is the last batch that was counted, which travels with the progress: by it a takeover sees that the log is still the one
// that was counted. Base -1: there was none.
type tail struct{ base, crc, epoch int64 }

func (t tail) String() string {
	return fmt.Sprintf("last batch at %d CRC %08x epoch %d", t.base, t.crc, t.epoch)
}

// compareTail holds the progress's tail, and the columns that it has no use for, against what can be known: the batch itself
// where the log still has it.
func (w *worker) compareTail(ctx context.Context) error {
	if w.progress == nil {
		return nil
	}
	differ := func(stored, recounted string) {
		w.found.add(Difference{"progress", fmt.Sprintf("partition %d", w.id), stored, recounted})
	}
	m := w.progress.M
	if m[5] != 0 || m[6] != 0 {
		differ(fmt.Sprintf("spare columns %d %d", m[5], m[6]), "0 0")
	}
	stored := tail{m[0], m[1], m[2]}
	switch {
	case stored.base < 0:
		if stored.base < -1 || stored.crc != 0 || stored.epoch < -1 || stored.epoch > 0 {
			differ(stored.String(), "where there is none: base -1, no CRC, no epoch")
		}
		return nil
	case stored.base >= w.progress.Revision:
		differ(stored.String(), fmt.Sprintf("a batch before %d", w.progress.Revision))
		return nil
	case w.kafka == nil || w.From == FromOrders || w.kafka.begins[w.id] > stored.base:
		return nil
	}
	there, ok, err := w.batchAt(ctx, stored.base)
	if ok && there != stored {
		differ(stored.String(), "the log has there: "+there.String())
	}
	return err
}

// batchAt reads the head of the batch at an offset; false where the log has none there any more.
func (w *worker) batchAt(ctx context.Context, offset int64) (tail, bool, error) {
	log, err := w.openLog(w.id, offset)
	if err != nil {
		return tail{}, false, err
	}
	defer log.close()
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	meta, err := kadm.NewClient(log.client).Metadata(ctx, log.topic)
	if err != nil {
		return tail{}, false, err
	}
	detail := meta.Topics[log.topic]
	got, _, err := log.ask(ctx, kmsg.NewPtrFetchRequest(), detail.ID, detail.Partitions[w.id].Leader, offset)
	if err == nil && got.ErrorCode != kerr.OffsetOutOfRange.Code {
		err = kerr.ErrorForCode(got.ErrorCode)
	}
	if err != nil || len(got.RecordBatches) < batchSummed || got.LogStartOffset > offset {
		return tail{}, false, err
	}
	raw := got.RecordBatches
	return tail{int64(binary.BigEndian.Uint64(raw)), int64(binary.BigEndian.Uint32(raw[batchCRC:])),
		int64(int32(binary.BigEndian.Uint32(raw[batchEpoch:])))}, true, nil
}
