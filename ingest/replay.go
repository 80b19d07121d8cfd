package ingest

import (
	"context"
	"errors"
	"fmt"

	"festival/aggregate"
	"festival/sql"
)

// errRawRows says that raw rows do not give what they say of themselves.
var errRawRows = errors.New("raw rows: they are not what was counted")

// replay counts the raw rows of offsets [from, to) where they stand for the topic's log (a sign-off says so). They are whole
// there: cells are stored after their raw rows, and the sign-off names an offset up to which cells were stored. Every row
// has to get the verdict again that it bears.
func (p *partition) replay(ctx context.Context, core *aggregate.Core, from, to int64) error {
	if from >= to {
		return nil
	}
	rejects, err := p.cfg.Store.ReplayRejects(ctx, p.cfg.Ledger.Prefix, p.id, from, to)
	if err != nil {
		return fmt.Errorf("raw rows: %w", err)
	}
	r := replayer{core: core, rejects: rejects}
	if err := p.cfg.Store.RawOrders(ctx, p.cfg.Ledger.Prefix, p.id, from, to, r.orders); err != nil {
		return fmt.Errorf("raw rows: %w", err)
	}
	return r.rejectsBelow(to)
}

// replayer merges orders and rejects into one log.
type replayer struct {
	core    *aggregate.Core
	rejects []sql.ReplayReject
	order   aggregate.Order
}

func (r *replayer) orders(o *sql.Orders) error {
	for i := range o.Offset {
		if err := r.rejectsBelow(o.Offset[i]); err != nil {
			return err
		}
		verdict, err := r.count(o, i)
		if err != nil {
			return err
		}
		if uint8(verdict) != o.Verdict[i] {
			return fmt.Errorf("%w: offset %d is stored as %s and counts as %s: restore the store from a backup", errRawRows,
				o.Offset[i], aggregate.Verdict(o.Verdict[i]), verdict)
		}
	}
	return nil
}

func (r *replayer) rejectsBelow(offset int64) error {
	for len(r.rejects) > 0 && r.rejects[0].Offset < offset {
		one := r.rejects[0]
		r.rejects = r.rejects[1:]
		reason, ok := aggregate.ReasonOf(one.Reason)
		if !ok {
			return fmt.Errorf("%w: offset %d is rejected for %q, which is no reason: restore the store from a backup", errRawRows, one.Offset, one.Reason)
		}
		if err := r.core.Reject(reason, one.Offset, one.KafkaMs, one.Rehearsal); err != nil {
			return err
		}
	}
	return nil
}

// count counts row i. What only raw rows hold (brand, quantity and the like) is not counted and stays out.
func (r *replayer) count(o *sql.Orders, i int) (aggregate.Verdict, error) {
	r.order = aggregate.Order{
		OrderID: []byte(o.OrderID[i]), MerchantID: []byte(o.MerchantID[i]), RefundID: []byte(o.RefundID[i]), City: []byte(o.City[i]),
		CreatedMs: o.CreatedMs[i], PaidMs: o.PaidMs[i], RefundedMs: o.RefundedMs[i], AmountMinor: o.AmountMinor[i],
		Status: aggregate.Status(o.Status[i]), Currency: o.Currency[i], BuyerCountry: o.BuyerCountry[i],
		MerchantCountry: o.MerchantCountry[i], Province: o.Province[i], Device: o.Device[i], Channel: o.Channel[i],
		Marketplace: o.Marketplace[i], Category: o.Category[i],
	}
	verdict, _, err := r.core.Count(&r.order, o.Offset[i], o.KafkaMs[i], o.KeyOK[i] == 1, o.Rehearsal[i] == 1)
	return verdict, err
}
