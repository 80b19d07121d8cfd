package sql

import (
	"io"
	"net/url"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestErrorNamesHostNotStatement(t *testing.T) {
	err := short(&url.Error{Op: "Post", URL: "http://127.0.0.1:8123/?query=INSERT+INTO+orders", Err: syscall.ECONNREFUSED})
	require.EqualError(t, err, "127.0.0.1:8123: connection refused")
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.Equal(t, io.EOF, short(io.EOF))
}
