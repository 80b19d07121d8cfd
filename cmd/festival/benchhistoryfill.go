package main

import (
	"fmt"
	"strings"
	"time"

	"festival/aggregate"
	"festival/sql"
)

// The day that history reads: of a festival at 50,000 records a second in 64 partitions, whose segments last 84 s; nine
// other festivals lie in the same tables. Half of the cells are of the one that is read.
const (
	historyDay        = 86_400
	historyPartitions = 64
	historySegmentS   = 84
	historyOthers     = 9
	historyCountries  = 200
	historySegments   = (historyDay + historySegmentS - 1) / historySegmentS
	historyOpenAt     = 30_000 // offsets counted of the last segment, which is open
	historyFull       = historyDay * historyPartitions
	historyStride     = aggregate.DefaultStride
)

// historyColumns are what the statements below fill, as a flush writes them at a segment's end.
const historyColumns = `INSERT INTO %[1]s.cells (ledger, dim, key, bucket, window, partition, segment, revision, orders, gmv_fen, mobile_orders, mobile_gmv_fen, created, refunds, refund_fen) `

// historyCountry are the days of countries by rank: place x of the day's seconds and partitions, every so many of them,
// between two places. All is mobile, so that the devices can be made of the countries.
const historyCountry = historyColumns + `
SELECT %[2]d, 'country', name, %[3]d + second, 0, (x + second) %% %[4]d, intDiv(second, %[5]d) AS s,
  s * %[6]d + if(s = %[7]d, %[8]d, %[6]d), 1 + n %% 97 AS v, v * 9973, v, v * 9973, v + 1, 0, 0
FROM (SELECT name, n, n * every + rank AS x, intDiv(x, %[4]d) AS second
  FROM (SELECT rank, %[9]d * rank AS every, ['%[10]s'][rank - %[11]d + 1] AS name FROM (SELECT number + %[11]d AS rank FROM numbers(%[12]d)))
  ARRAY JOIN range(intDiv(%[13]d, every), intDiv(%[14]d, every)) AS n) WHERE second < 86400`

// historySums make the devices and the total of the countries, hours of the day at a time.
const historySums = historyColumns + `
SELECT ledger, '%[2]s', %[3]s AS k, bucket, window, partition, segment, max(revision), sum(orders), sum(gmv_fen), sum(mobile_orders), sum(mobile_gmv_fen), sum(created), 0, 0
FROM %[1]s.cells WHERE ledger = %[4]d AND dim = 'country' AND bucket >= %[5]d AND bucket < %[6]d
GROUP BY ledger, k, bucket, window, partition, segment SETTINGS max_bytes_before_external_group_by = 200000000`

// historyMinutes are the dimensions by the minute, and the merchants by segment.
const historyMinutes = historyColumns + `
SELECT %[2]d, '%[3]s', concat('k', toString(number %% %[4]d)), if('%[3]s' = 'merchant', 0, %[5]d + intDiv(number, %[4]d) %% 1440 * 60), 0,
  cityHash64(number) %% %[6]d, if('%[3]s' = 'merchant', intDiv(number, %[4]d) %% %[8]d, intDiv(intDiv(number, %[4]d) %% 1440 * 60, %[7]d)) AS s,
  (s + 1) * %[9]d, 1 + number %% 97, 100 + number %% 99991, number %% 89, number %% 7919, 1 + number %% 101, 0, 0 FROM numbers(%[10]d)`

// historySeals seal all segments but the last of each partition; historyProgress says how far they are read.
const (
	historySeals = `INSERT INTO %[1]s.seals (ledger, partition, segment, first, end, cells, last_ms, max_event_ms, prev, hash)
SELECT %[2]d, number %% %[3]d, intDiv(number, %[3]d) AS s, s * %[4]d, (s + 1) * %[4]d, 1, 0, 0, '', '' FROM numbers(%[5]d)`
	historyProgress = historyColumns + `SELECT %[2]d, 'progress', '', 0, 255, number, %[3]d, %[4]d, -1, 0, -1, %[5]d, %[5]d, 0, 0 FROM numbers(%[6]d)`
)

// historyOther is another festival: one in so many of the places of the one that is read.
const historyOther = `INSERT INTO %[1]s.cells SELECT * REPLACE(ledger + %[2]d AS ledger) FROM %[1]s.cells
WHERE ledger = %[3]d AND cityHash64(bucket, partition) %% %[4]d = %[2]d - 1`

// historyAtOnce is about how many cells a statement makes: the engine sorts them in memory.
const historyAtOnce = 1_500_000

// fillHistory makes cells of the festival that is read and of nine others, and the seals and progress of the first.
func (h *benchHistory) fillHistory() error {
	begun := time.Now()
	if err := h.fillFestival(h.ledger.Prefix, h.Cells/2); err != nil {
		return err
	}
	for other := range historyOthers {
		if err := h.tell(fmt.Sprintf(historyOther, h.database, other+1, h.ledger.Prefix, historyOthers)); err != nil {
			return err
		}
	}
	at := h.start.Add(historyDay * time.Second).UnixMilli()
	last := int64(historySegments - 1)
	err := h.tell(
		fmt.Sprintf(historySeals, h.database, h.ledger.Prefix, historyPartitions, historyStride, historyPartitions*last),
		fmt.Sprintf(historyProgress, h.database, h.ledger.Prefix, last, last*historyStride+historyOpenAt, at, historyPartitions))
	fmt.Fprintf(h.app.err, "filled in %s\n", time.Since(begun).Round(time.Second))
	return err
}

// fillFestival spreads cells: a country of rank k has one in k of the places; total and devices take what that makes of
// them, the dimensions by the minute and the merchants a tenth.
func (h *benchHistory) fillFestival(ledger uint64, cells int64) error {
	start := h.start.Unix()
	const harmonic = 5.88 // of 200 countries; and a total and three devices for each place of the first country, at most
	thin := max(1, int64((harmonic+4)*historyFull/(0.9*float64(cells)))) | 1
	for rank := int64(1); rank <= historyCountries; {
		to, sum := rank, int64(0)
		for ; to <= historyCountries && (to == rank || sum < historyAtOnce); to++ {
			sum += historyFull / (thin * to)
		}
		names := strings.Join(aggregate.Countries.Names()[rank:to], "','")
		parts := sum/historyAtOnce + 1
		for part := range parts {
			if err := h.tell(fmt.Sprintf(historyCountry, h.database, ledger, start, historyPartitions, historySegmentS, historyStride, historySegments-1,
				historyOpenAt, thin, names, rank, to-rank, historyFull*part/parts, historyFull*(part+1)/parts)); err != nil {
				return fmt.Errorf("cells of countries: %w", err)
			}
		}
		rank = to
	}
	hours := max(1, 24*historyAtOnce/cells)
	for from := start; from < start+historyDay; from += hours * 3600 {
		to := min(from+hours*3600, start+historyDay)
		if err := h.tell(fmt.Sprintf(historySums, h.database, "total", "''", ledger, from, to),
			fmt.Sprintf(historySums, h.database, "device", "['app', 'mobile_web', 'mini_program'][cityHash64(key) % 3 + 1]", ledger, from, to)); err != nil {
			return err
		}
	}
	for dim, keys := range map[string]int64{"province": 34, "city": 300, "flow": 500, "merchant": 20_000} {
		if err := h.tell(fmt.Sprintf(historyMinutes, h.database, ledger, dim, keys, start, historyPartitions, historySegmentS, historySegments-1, historyStride, cells/40)); err != nil {
			return fmt.Errorf("cells of %s: %w", dim, err)
		}
	}
	return nil
}

// tell runs statements one after the other.
func (h *benchHistory) tell(statements ...string) error {
	for _, s := range statements {
		if _, err := h.ask(s, "max_execution_time=600&max_insert_threads=1"); err != nil {
			return err
		}
		if h.app.ctx.Err() != nil {
			return h.app.ctx.Err()
		}
	}
	return nil
}

// openHistory makes the festival's ledger and its configuration.
func (h *benchHistory) openHistory(store *sql.Store, rules *aggregate.Rules, festival string) (err error) {
	document := rules.Document("bench", "orders", historyPartitions, 1)
	if h.ledger, err = newLedger(document, 1, festival, rules); err != nil {
		return err
	}
	h.ledger.LogStart = make([]int64, historyPartitions)
	return store.CreateLedger(h.app.ctx, h.ledger)
}
