package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHasPassword(t *testing.T) {
	for dsn, want := range map[string]bool{
		"": false, "http://h:8123": false, "http://u@h:8123/f": false, "http://u:@h": false, "clickhouse://h1:9000,h2:9000/f?secure=true": false,
		"http://h:8123/f?username=u": false, "http://h/f?password=": false, "http://h:8123/a@b:c": false,
		"http://u:p@h:8123/f": true, "clickhouse://u:p%40@h1:9000,h2:9000/f": true, "tcp://:p@h": true, "http://u:p:q@h": true,
		"http://u:p@q@h": true, "http://u:%zz@h": true, "http://h/f?secure=true&password=p": true, "http://h?pass%77ord=p": true,
	} {
		require.Equal(t, want, hasPassword(dsn), dsn)
	}
}

// Both kinds of flags refuse it, beside every other problem, and never show it.
func TestPasswordFlagIsRefused(t *testing.T) {
	a := &app{}
	_, err := (&configFlags{DSN: "http://u:hunter2@h:8123"}).read(a, true)
	require.ErrorIs(t, err, errPasswordFlag)
	require.ErrorContains(t, err, "no configuration")
	require.NotContains(t, err.Error(), "hunter2")
	_, err = (&placeFlags{DSN: "http://h:8123/?password=hunter2"}).read(a)
	require.ErrorIs(t, err, errPasswordFlag)
	require.NotContains(t, err.Error(), "hunter2")
	require.ErrorAs(t, err, &usageError{})
}
