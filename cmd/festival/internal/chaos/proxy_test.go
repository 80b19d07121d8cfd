package chaos

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echo answers every connection with the bytes that it gets.
func echo(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
		}
	}()
	return l.Addr().String()
}

// say sends a text through the proxy and gives what comes back.
func say(t *testing.T, p *proxy, text string) (string, error) {
	c, err := net.Dial("tcp", p.addr())
	require.NoError(t, err)
	defer c.Close()
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	back := make([]byte, len(text))
	n, err := io.ReadFull(c, back)
	return string(back[:n]), err
}

func TestProxy(t *testing.T) {
	p, err := newProxy(echo(t))
	require.NoError(t, err)
	t.Cleanup(p.close)
	text := strings.Repeat("order", 1000)
	back, err := say(t, p, text)
	require.NoError(t, err)
	require.Equal(t, text, back)

	p.refuse(true)
	_, err = say(t, p, text)
	require.Error(t, err)
	p.refuse(false)

	p.cutAfter.Store(1000)
	back, err = say(t, p, text)
	require.Error(t, err, "the connection ends in the middle")
	require.LessOrEqual(t, len(back), 1000)
	require.EqualValues(t, 1, p.cuts.Load())
	p.cutAfter.Store(0)

	p.delay.Store(int64(150 * time.Millisecond))
	begun := time.Now()
	_, err = say(t, p, "late")
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(begun), 150*time.Millisecond)
}
