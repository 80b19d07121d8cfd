package verify

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"festival/aggregate/recount"
	"festival/sql"
)

// fromOrders recounts a stretch from raw rows. Their decoded fields are taken as they are; the duplicate rule, the
// windows, the conversion and, where the whole value is kept, the reason of a reject are applied anew, and the rows'
// own verdict, fen and reason are held against that.
func (w *worker) fromOrders(ctx context.Context, r Range) error {
	raw := w.rawRows(r)
	last := int64(-1)
	for {
		row, err := raw.peek(ctx)
		if err != nil || row == nil {
			return err
		}
		raw.take()
		if row.Offset == last {
			w.rawDiffers(last, rowText(row), "another row of this offset came before")
			continue
		}
		last = row.Offset
		if err := w.row(ctx, row); err != nil {
			return err
		}
	}
}

func (w *worker) row(ctx context.Context, row *rawRow) error {
	if err := w.before(ctx, row.Offset); err != nil {
		return err
	}
	e, problem := w.entry(row)
	if problem != "" {
		w.rawDiffers(row.Offset, problem, "a record that counts has none such")
		return nil
	}
	e, err := w.p.Count(e)
	if err != nil {
		return err
	}
	w.result.RawRows++
	w.compareVerdict(row, &e)
	return w.after(ctx, &e)
}

// entry reads a stored row as the record that it was; problem says why no record can have been so.
func (w *worker) entry(row *rawRow) (e recount.Entry, problem string) {
	if row.reject != nil {
		return w.rejected(row.reject), ""
	}
	if _, err := w.rules.Fen(row.Order.Currency, row.Order.AmountMinor); err != nil {
		return e, err.Error()
	}
	if row.Order.EventMs() < 1 {
		return e, fmt.Sprintf("event time %d", row.Order.EventMs())
	}
	return row.Entry, ""
}

// rejected reads the kept value again where it is whole; of a longer one only the length is known.
func (w *worker) rejected(r *sql.Reject) recount.Entry {
	e := recount.Entry{Offset: r.Offset, KafkaMs: r.KafkaMs, Rehearsal: r.Rehearsal == 1, Reason: "too_large"}
	if r.Length == int64(len(r.Value)) {
		_, e.Reason = recount.Decode(r.Value, r.KafkaMs, w.rules)
	}
	if e.Reason == "" { // a record that counts stands among the rejects: counting it would need its key
		e.Reason = "none"
	}
	return e
}

// compareVerdict holds what a row says of itself against the rules.
func (w *worker) compareVerdict(row *rawRow, e *recount.Entry) {
	var c comparison
	if row.reject != nil {
		same(&c, "reason", row.reject.Reason, e.Reason)
		if row.reject.Length == int64(len(row.reject.Value)) {
			same(&c, "sha256", row.reject.SHA256, sha256.Sum256(row.reject.Value))
		}
	} else {
		same(&c, "verdict", row.Verdict, e.Verdict)
		same(&c, "amount_fen", row.Fen, e.Fen)
	}
	w.report(row.Offset, &c)
}

// codes are the names behind the codes of raw rows, from the second reading's own lists.
type codes struct {
	currency, country, province, device, channel, marketplace, category []string
}

func newCodes(r *recount.Rules) codes {
	return codes{r.Codes("currency"), r.Codes("country"), r.Codes("province"), r.Codes("device"), r.Codes("channel"),
		r.Codes("marketplace"), r.Codes("category")}
}

// name gives the name of a code; a code that the catalogue does not have is named by its number.
func name(list []string, code uint8) string {
	if int(code) < len(list) {
		return list[code]
	}
	return fmt.Sprintf("code %d", code)
}

// order gives a stored order in the second reading's words.
func (c *codes) order(o *sql.Orders, i int) recount.Order {
	return recount.Order{OrderID: o.OrderID[i], Status: statusName(o.Status[i]), CreatedMs: o.CreatedMs[i],
		PaidMs: o.PaidMs[i], RefundedMs: o.RefundedMs[i], Currency: name(c.currency, o.Currency[i]),
		AmountMinor: o.AmountMinor[i], MerchantID: o.MerchantID[i], RefundID: o.RefundID[i], BuyerID: o.BuyerID[i],
		BrandID: o.BrandID[i], ProductID: o.ProductID[i], StoreID: o.StoreID[i], TeamID: o.TeamID[i],
		ShowID: o.ShowID[i], Broadcast: o.Broadcast[i], BuyerCountry: name(c.country, o.BuyerCountry[i]),
		MerchantCountry: name(c.country, o.MerchantCountry[i]), Province: name(c.province, o.Province[i]),
		City: cityName(o.City[i]), Device: name(c.device, o.Device[i]), Channel: name(c.channel, o.Channel[i]),
		Marketplace: name(c.marketplace, o.Marketplace[i]), Category: name(c.category, o.Category[i]),
		Quantity: int64(o.Quantity[i]), EnvelopeMinor: o.EnvelopeMinor[i], NewProduct: flagName(o.NewProduct[i]),
		BuyerSince: dateName(o.BuyerSince[i])}
}

var (
	statusNames  = []string{"", "created", "paid", "refunded"}
	verdictNames = []string{"", "rejected", "duplicate", "outside", "counted"}
	flagNames    = []string{"", "false", "true"}
)

func statusName(code uint8) string           { return name(statusNames, code) }
func verdictName(code uint8) recount.Verdict { return recount.Verdict(name(verdictNames, code)) }
func flagName(code uint8) string             { return name(flagNames, code) }

func cityName(city string) string {
	if city == "" {
		return recount.Unknown
	}
	return city
}

// dateName gives days since 1970-01-01 as a date; -2^31 is absent.
func dateName(days int32) string {
	if days == -1<<31 {
		return ""
	}
	return time.Unix(int64(days)*86400, 0).UTC().Format(time.DateOnly)
}
