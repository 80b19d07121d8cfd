package chaos

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Cards are the seeds of one score card, by seed.
type Cards []*Card

// ReadCards reads a card's file; one that is not there is empty.
func ReadCards(path string) (Cards, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var c Cards
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return nil, fmt.Errorf("score card %s: %w", path, err)
	}
	return c, nil
}

// Of keeps the seeds, passed or failed, that were played as cfg would play them: the same commit, as many records, as long.
func (c Cards) Of(cfg Config) Cards {
	cfg = cfg.withDefaults()
	var out Cards
	for _, one := range c {
		if one.Commit == cfg.Commit && one.Asked == cfg.Records && one.RainS == cfg.For.Seconds() {
			out = out.With(one)
		}
	}
	return out
}

// Has says whether a seed is on the card.
func (c Cards) Has(seed uint64) bool {
	return slices.ContainsFunc(c, func(one *Card) bool { return one.Seed == seed })
}

// With gives the cards and one more, which takes the place of an older one of its seed.
func (c Cards) With(card *Card) Cards {
	out := slices.DeleteFunc(slices.Clone(c), func(one *Card) bool { return one.Seed == card.Seed })
	out = append(out, card)
	slices.SortFunc(out, func(a, b *Card) int { return cmp.Compare(a.Seed, b.Seed) })
	return out
}

// Write replaces the file at once: an interrupted run leaves the old card or the new one, whole.
func (c Cards) Write(path string) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".part", append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// Wrong counts what must not be: figures that differ, and frames that screens may never see.
func (c Cards) Wrong() (n int64) {
	for _, one := range c {
		n += int64(len(one.Differences) + len(one.Wrong))
	}
	return n
}

// Unproven counts seeds in which nothing was wrong but which did not run as they should.
func (c Cards) Unproven() (n int) {
	for _, one := range c {
		if one.exact() && !one.Passed() {
			n++
		}
	}
	return n
}
