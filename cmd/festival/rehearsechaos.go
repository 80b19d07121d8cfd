package main

import (
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
	Seeds   []uint64      `help:"With --chaos: several seeds instead of --seed." placeholder:"N,..."`
	AtOnce  int           `help:"With --chaos: how many seeds are played at the same time, 1 to 4." default:"1" placeholder:"N"`
	Records int64         `help:"With --chaos: at least so many records." default:"300000"`
	For     time.Duration `help:"With --chaos: how long faults rain, 30s to 10m." default:"2m"`
	Card    string        `help:"With --chaos: file for the score card (JSON), written after each seed." placeholder:"FILE" type:"path"`
	Page    string        `help:"With --chaos: file for the score card as a page (Markdown)." placeholder:"FILE" type:"path"`
	Resume  bool          `help:"With --chaos and --card: seeds that the card has of this very program, passed or failed, stay and are not played again."`
}

func (f *chaosFlags) config() chaos.Config {
	return chaos.Config{Records: f.Records, For: f.For, AtOnce: f.AtOnce, Commit: version,
		Machine: fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())}
}

// check gives every problem of the flags, and what is not installed.
func (f *chaosFlags) check() error {
	problems := []error{f.config().Validate(), kafkatest.Find(), engineInstalled(), f.checkResume()}
	for flag, file := range map[string]string{"--card": f.Card, "--page": f.Page} {
		if dir := filepath.Dir(file); file != "" {
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				problems = append(problems, fmt.Errorf("%s %s: directory %s is not there: make it, or give another file", flag, file, dir))
			}
		}
	}
	return both(problems...)
}

func (f *chaosFlags) checkResume() error {
	switch {
	case !f.Resume:
		return nil
	case f.Card == "":
		return errors.New("--resume: there is no card to go on with: name it with --card")
	case version == unversioned:
		return errors.New("--resume: this program does not know its commit: build it with `make build`")
	}
	_, err := chaos.ReadCards(f.Card)
	return err
}

// unused refuses flags of --chaos without it.
func (f *chaosFlags) unused() error {
	if len(f.Seeds) > 0 || f.Card != "" || f.Page != "" || f.Resume || f.AtOnce > 1 {
		return errors.New("--seeds, --at-once, --card, --page and --resume belong to --chaos: add it, or take them away")
	}
	return nil
}

func rulesOf(a *app, path string) (*aggregate.Rules, error) {
	c, err := ReadConfig(path, a.environ)
	if err != nil {
		return nil, err
	}
	return c.Rules(aggregate.DefaultStride)
}
