package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"festival/aggregate"
	"festival/cmd/festival/internal/chaos"
	"festival/ingest/kafka/kafkatest"
)

// chaosFlags are what --chaos takes beside --seed.
type chaosFlags struct {
	Chaos   bool          `help:"A festival of its own on real Kafka, with kills, zombies, broken stores and more; then every figure is compared."`
	Seeds   []uint64      `help:"With --chaos: several seeds, one after the other, instead of --seed." placeholder:"N,..."`
	Records int64         `help:"With --chaos: at least so many records." default:"300000"`
	For     time.Duration `help:"With --chaos: how long faults rain, 30s to 10m." default:"2m"`
	Card    string        `help:"With --chaos: file for the score card (JSON)." placeholder:"FILE" type:"path"`
	Page    string        `help:"With --chaos: file for the score card as a page (Markdown)." placeholder:"FILE" type:"path"`
}

func (f *chaosFlags) config() chaos.Config {
	return chaos.Config{Records: f.Records, For: f.For}
}

// check gives every problem of the flags, and what is not installed.
func (f *chaosFlags) check() error {
	problems := []error{f.config().Validate(), kafkatest.Find(), engineInstalled()}
	for flag, file := range map[string]string{"--card": f.Card, "--page": f.Page} {
		if dir := filepath.Dir(file); file != "" {
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				problems = append(problems, fmt.Errorf("%s %s: directory %s is not there: make it, or give another file", flag, file, dir))
			}
		}
	}
	return both(problems...)
}

// unused refuses flags of --chaos without it.
func (f *chaosFlags) unused() error {
	if len(f.Seeds) > 0 || f.Card != "" || f.Page != "" {
		return errors.New("--seeds, --card and --page belong to --chaos: add it, or take them away")
	}
	return nil
}

// runChaos plays the seeds and writes the cards after each, so that an interrupted run leaves those that ended.
func (f *chaosFlags) runChaos(a *app, seed uint64) error {
	if err := f.check(); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("own program: %w", err)
	}
	seeds := f.Seeds
	if len(seeds) == 0 {
		seeds = []uint64{seed}
	}
	var cards []*chaos.Card
	for _, seed := range seeds {
		c := f.config()
		c.Seed, c.Program, c.Commit, c.Out = seed, program, version, a.out
		c.Rules = func(path string) (*aggregate.Rules, error) { return rulesOf(a, path) }
		card, err := chaos.Run(a.ctx, c)
		if card != nil && err != nil {
			card.Problems = append(card.Problems, err.Error())
		}
		if a.ctx.Err() != nil {
			return a.ctx.Err()
		}
		if card == nil {
			return err
		}
		cards = append(cards, card)
		f.say(a, card)
		if err := f.write(cards); err != nil {
			return err
		}
	}
	return verdict(cards)
}

func rulesOf(a *app, path string) (*aggregate.Rules, error) {
	c, err := ReadConfig(path, a.environ)
	if err != nil {
		return nil, err
	}
	return c.Rules(aggregate.DefaultStride)
}

func (f *chaosFlags) say(a *app, c *chaos.Card) {
	fmt.Fprintf(a.out, "Seed %d: %d records in the topic, %d figures compared, %d differences; a shown total fell: %t; longest freeze %.1f s on any screen; %.0f s.\n",
		c.Seed, c.Topic, c.Figures, len(c.Differences), c.Fell, c.FreezeS, c.TookS)
	for _, list := range [][]string{c.Differences, c.Wrong, c.Problems} {
		for i, text := range list {
			if i == 20 {
				fmt.Fprintf(a.out, "  and %d more\n", len(list)-i)
				break
			}
			fmt.Fprintln(a.out, " ", text)
		}
	}
	if !c.Passed() {
		fmt.Fprintf(a.out, "Again: festival rehearse --chaos --seed %d --for %s --records %d\n", c.Seed, f.For, f.Records)
	}
}

func (f *chaosFlags) write(cards []*chaos.Card) error {
	if f.Card != "" {
		text, err := json.MarshalIndent(cards, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(f.Card, append(text, '\n'), 0o644); err != nil {
			return fmt.Errorf("--card: %w", err)
		}
	}
	if f.Page == "" {
		return nil
	}
	page, err := os.Create(f.Page)
	if err != nil {
		return fmt.Errorf("--page: %w", err)
	}
	machine := fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	return errors.Join(chaos.WritePage(page, cards, machine), page.Close())
}

// verdict is exit 3 where anything was wrong in a seed.
func verdict(cards []*chaos.Card) error {
	var wrong int64
	for _, c := range cards {
		wrong += int64(len(c.Differences) + len(c.Wrong) + len(c.Problems))
	}
	if wrong > 0 {
		return differenceError{wrong}
	}
	return nil
}
