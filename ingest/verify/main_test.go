package verify_test

import (
	"testing"

	"go.uber.org/goleak"

	"festival/sql/engine/enginetest"
	"festival/sql/leaks"
)

// shared is the engine of all tests.
var shared enginetest.Shared

// TestMain lets franz-go keep the goroutine that shares out fetches: seen once, four minutes after its client was closed and everything
// else of it had ended (kgo v1.22.2, consumer.go). It holds no record and no connection.
func TestMain(m *testing.M) {
	leaks.Main(enginetest.Main(m, &shared), goleak.IgnoreAnyFunction("github.com/twmb/franz-go/pkg/kgo.(*fetchManager).manageFetchConcurrency"))
}
