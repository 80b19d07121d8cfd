package verify_test

import (
	"testing"

	"festival/sql/engine/enginetest"
	"festival/sql/leaks"
)

// shared is the engine of all tests.
var shared enginetest.Shared

func TestMain(m *testing.M) { leaks.Main(enginetest.Main(m, &shared)) }
