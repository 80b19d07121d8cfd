package main

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"festival/cmd/festival/internal/chaos"
)

// manyLines keeps the lines of seeds that are played at the same time whole.
type manyLines struct {
	mu sync.Mutex
	to io.Writer
}

// seedLines writes whole lines only, each with its seed in front where several are played. It is safe for concurrent use.
type seedLines struct {
	all    *manyLines
	prefix string
	rest   []byte // of a line that has no end yet
}

func (l *manyLines) of(seed uint64, prefixed bool) *seedLines {
	out := &seedLines{all: l}
	if prefixed {
		out.prefix = fmt.Sprintf("[%d] ", seed)
	}
	return out
}

// Write passes on the lines that are complete.
func (s *seedLines) Write(b []byte) (int, error) {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.rest = append(s.rest, b...)
	for {
		i := bytes.IndexByte(s.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		if _, err := fmt.Fprintf(s.all.to, "%s%s", s.prefix, s.rest[:i+1]); err != nil {
			return 0, err
		}
		s.rest = s.rest[i+1:]
	}
}

// maxSaid is how many lines of one kind are said; the card has all.
const maxSaid = 20

func (f *chaosFlags) say(out io.Writer, c *chaos.Card) {
	fmt.Fprintf(out, "Seed %d: %d records in the topic, %d figures compared, %d differences; a shown total fell: %t; longest freeze %.1f s on any screen; %.0f s.\n",
		c.Seed, c.Topic, c.Figures, len(c.Differences), c.Fell, c.FreezeS, c.TookS)
	for _, list := range [][]string{c.Differences, c.Wrong, c.Problems, injectedNot(c)} {
		for i, text := range list {
			if i == maxSaid {
				fmt.Fprintf(out, "  and %d more\n", len(list)-i)
				break
			}
			fmt.Fprintln(out, " ", text)
		}
	}
	if !c.Passed() {
		fmt.Fprintf(out, "Again: festival rehearse --chaos --seed %d --for %s --records %d\n", c.Seed, f.For, f.Records)
	}
}

func injectedNot(c *chaos.Card) (out []string) {
	for _, text := range c.NotInjected {
		out = append(out, "not injected: "+text)
	}
	return out
}
