package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// settle waits until the store's newest official frame, what every serve shows, and its board are of the whole topic: everything
// has been made good.
func (w *world) settle(ctx context.Context, within time.Duration) (map[int32]int64, error) {
	var ends map[int32]int64
	for i, addr := range w.addrs {
		err := await(ctx, within, fmt.Sprintf("serve %d shows the whole topic", i), func() (bool, error) {
			var err error
			if ends, err = w.ends(ctx); err != nil {
				return false, err
			}
			return w.showsAll(ctx, addr, ends)
		})
		if err != nil {
			return ends, err
		}
	}
	return ends, nil
}

func (w *world) showsAll(ctx context.Context, addr string, ends map[int32]int64) (bool, error) {
	f, _, err := w.newest(ctx, addr)
	if err != nil {
		return false, err
	}
	if !f.Complete {
		return false, fmt.Errorf("the frame of %s is incomplete", f.Second)
	}
	if err := reaches("the official frame", f.Pos, ends); err != nil {
		return false, err
	}
	for _, path := range []string{"frame", "merchant/m1"} { // a merchant's figures are the board's, and say its positions
		var own shown
		if err := getJSON(ctx, "http://"+addr+"/api/v1/"+path, &own); err != nil {
			return false, err
		}
		if err := reaches(path, own.Pos, ends); err != nil {
			return false, err
		}
	}
	return true, nil
}

func reaches(what string, positions map[string]int64, ends map[int32]int64) error {
	for p, end := range ends {
		if at := positions[fmt.Sprint(p)]; at != end {
			return fmt.Errorf("%s: partition %d is shown to %d of %d", what, p, at, end)
		}
	}
	return nil
}

// newest is the newest official frame of a serve: that of the present second, or the last before it.
func (w *world) newest(ctx context.Context, addr string) (f shown, body []byte, err error) {
	at := time.Now().Add(time.Minute).Format(time.RFC3339)
	body, err = get(ctx, "http://"+addr+"/api/v1/frame?at="+url.QueryEscape(at))
	if err == nil {
		err = json.Unmarshal(body, &f)
	}
	return f, body, err
}
