package chaos

import "time"

// Card is what is said of one seed. It passes with no difference, no complaint of a screen and no problem.
type Card struct {
	Seed        uint64         `json:"seed"`
	Commit      string         `json:"commit"`
	Began       time.Time      `json:"began"`
	TookS       float64        `json:"took_s"`
	RainS       float64        `json:"rain_s"` // how long faults were injected
	Faults      map[string]int `json:"faults"` // by kind
	Sent        int64          `json:"sent"`   // records handed to producers
	Topic       int64          `json:"topic"`  // committed records that the topic holds
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
	Problems    []string       `json:"problems"`    // panics, faults that could not be injected, steps that failed
}

// Passed says whether nothing at all was wrong.
func (c *Card) Passed() bool {
	return len(c.Differences) == 0 && len(c.Wrong) == 0 && len(c.Problems) == 0 && !c.Fell
}
