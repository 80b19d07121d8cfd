package chaos

import "time"

// Card is what is said of one seed. It passes with no difference, no complaint of a screen and no problem.
type Card struct {
	Seed        uint64         `json:"seed"`
	Commit      string         `json:"commit"`
	Machine     string         `json:"machine"`
	AtOnce      int            `json:"at_once"` // seeds that shared the machine
	Asked       int64          `json:"asked"`   // records, at least
	Began       time.Time      `json:"began"`
	TookS       float64        `json:"took_s"`
	RainS       float64        `json:"rain_s"`       // how long faults were injected
	Faults      map[string]int `json:"faults"`       // by kind
	NotInjected []string       `json:"not_injected"` // of the timetable: the rain ended first, or the machine cannot
	Restarted   []string       `json:"restarted"`    // by the supervisor, after an end with exit 1
	Sent        int64          `json:"sent"`         // records handed to producers
	Topic       int64          `json:"topic"`        // committed records that the topic holds
	Retried     int64          `json:"retried"`
	Committed   int64          `json:"in_transactions"`
	Aborted     int64          `json:"in_aborted_transactions"`
	Duplicates  int64          `json:"duplicates"`
	Rejected    int64          `json:"rejected"`
	Outside     int64          `json:"outside"`
	GmvFen      int64          `json:"gmv_fen"`
	Cuts        int64          `json:"connections_cut"`
	Figures     int            `json:"figures_compared"`
	Differences []string       `json:"differences"`
	Frames      int            `json:"official_frames_seen"` // over both screens
	FreezeS     float64        `json:"longest_freeze_s"`     // no new second on any screen
	ScreensS    []float64      `json:"longest_freeze_by_screen_s"`
	SettleS     float64        `json:"settled_after_s"` // from the end of the rain until every screen showed all
	Fell        bool           `json:"shown_total_fell"`
	Wrong       []string       `json:"shown_wrong"` // what the screens saw and may never see
	Problems    []string       `json:"problems"`    // panics, ends that nobody asked for, faults and steps that failed
}

func newCard(cfg Config) *Card {
	return &Card{Seed: cfg.Seed, Commit: cfg.Commit, Machine: cfg.Machine, AtOnce: cfg.AtOnce, Asked: cfg.Records,
		Began: time.Now().Truncate(time.Second), RainS: cfg.For.Seconds(), Faults: map[string]int{}}
}

// Passed says whether nothing at all was wrong.
func (c *Card) Passed() bool { return c.exact() && len(c.Problems) == 0 }

// exact says that nothing wrong was found; where there are problems, less was looked at than should have been.
func (c *Card) exact() bool { return len(c.Differences) == 0 && len(c.Wrong) == 0 && !c.Fell }
