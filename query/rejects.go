package query

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"festival/sql"
)

// rejectRow is one record that could not be read as an order.
type rejectRow struct {
	Reason    string  `json:"reason"`
	Partition int32   `json:"partition"`
	Offset    int64   `json:"offset"`
	KafkaTime *string `json:"kafka_time"`
	Length    int64   `json:"length"` // of the whole value, bytes
	SHA256    string  `json:"sha256"`
	Key       string  `json:"key"`
	Sample    string  `json:"sample"` // the value's first sampleBytes as text
	Rehearsal bool    `json:"rehearsal"`
}

const (
	sampleBytes  = 1024
	rejectsLimit = 50
)

// rejects answers with the counts by reason and the newest records, below the newest frame's positions.
func (s *Server) rejects(c *fiber.Ctx, a args) error {
	at, err := s.newest()
	if err != nil {
		return err
	}
	limit := a.count("limit", rejectsLimit)
	out, err := s.cache.get(s.base(), fmt.Sprintf("rejects %d %d", limit, s.pub.status.Load().closingMs), func(ctx context.Context) (*answer, error) {
		reasons, err := s.cfg.Store.RejectCounts(ctx, s.cfg.prefix(), at)
		if err != nil {
			return nil, storeFailed(err)
		}
		newest, err := s.cfg.Store.Rejects(ctx, s.cfg.prefix(), at, uint64(limit))
		if err != nil {
			return nil, storeFailed(err)
		}
		rows := make([]rejectRow, len(newest))
		for i, r := range newest {
			rows[i] = s.cfg.rejectRow(r)
		}
		body, err := encode(map[string]any{"reasons": reasons, "newest": rows})
		return jsonAnswer(body), err
	})
	if err != nil {
		return err
	}
	return s.sendAnswer(c, out)
}

func (c *Config) rejectRow(r sql.Reject) rejectRow {
	row := rejectRow{Reason: r.Reason, Partition: r.Partition, Offset: r.Offset, Length: r.Length,
		SHA256: hex.EncodeToString(r.SHA256[:]), Key: sample(r.Key), Sample: sample(r.Value), Rehearsal: r.Rehearsal == 1}
	if r.KafkaMs > 0 {
		row.KafkaTime = ref(c.timeText(r.KafkaMs))
	}
	return row
}

// sample makes text of whatever a record held.
func sample(raw []byte) string {
	return strings.ToValidUTF8(string(raw[:min(len(raw), sampleBytes)]), "\uFFFD")
}
