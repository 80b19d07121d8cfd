package bridge

import (
	"context"
	"log/slog"
	"sync"

	"festival/cmd/festival-engine/internal/libchdb"
)

// killer ends statements through a session of its own: the library has no call
// that cancels a statement while another call on its session runs.
type killer struct {
	mu   sync.Mutex // guards conn, which runs one statement at a time
	conn *libchdb.Conn
}

// watch kills the statement with the tag when ctx ends before the returned stop is
// called. Stop waits until no KILL is under way.
func (k *killer) watch(ctx context.Context, tag string, log *slog.Logger) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-done:
		case <-ctx.Done():
			if err := k.kill("startsWith(Settings['log_comment'], " + quote(tag, '\'') + ")"); err != nil {
				log.Warn("statement of a client that left goes on", "error", err)
			}
		}
	}()
	return func() { close(done); <-ended }
}

// all kills every statement but this one.
func (k *killer) all() error { return k.kill("Settings['log_comment'] != ''") }

func (k *killer) kill(where string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.conn.Exec("KILL QUERY WHERE "+where+" ASYNC", nil)
}

func (k *killer) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.conn.Close()
}
