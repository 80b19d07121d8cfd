package chaos

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func child(t *testing.T, script string) *process {
	p := &process{name: "child", program: "/bin/sh", args: []string{"-c", script}, log: filepath.Join(t.TempDir(), "log")}
	t.Cleanup(p.kill)
	require.NoError(t, p.start())
	return p
}

func TestAnEndThatNobodyAskedForIsNoted(t *testing.T) {
	p := child(t, "exit 7")
	<-p.done
	gave, fell := p.ends()
	require.Empty(t, gave)
	require.Equal(t, []string{"child ended by itself: exit status 7"}, fell)
	require.False(t, p.running())
}

func TestOneThatGaveUpIsStartedAgain(t *testing.T) {
	flag := filepath.Join(t.TempDir(), "flag")
	p := child(t, "if [ -e "+flag+" ]; then exec sleep 600; fi; touch "+flag+"; echo no store at all; exit 1")
	require.NoError(t, await(t.Context(), time.Minute, "another life", func() (bool, error) {
		gave, _ := p.ends()
		return len(gave) == 1 && p.running(), nil
	}))
	gave, fell := p.ends()
	require.Equal(t, []string{"child ended by itself: exit status 1: no store at all"}, gave)
	require.Empty(t, fell)
}

func TestOneThatGaveUpAndWasKilledStaysDown(t *testing.T) {
	p := child(t, "exit 1")
	<-p.done
	p.kill()
	p.again()
	require.False(t, p.running())
}

func TestKillsAndStopsAreAskedFor(t *testing.T) {
	p := child(t, "exec sleep 600")
	p.kill()
	require.NoError(t, p.start())
	require.NoError(t, p.leave())
	gave, fell := p.ends()
	require.Empty(t, gave)
	require.Empty(t, fell)
}
