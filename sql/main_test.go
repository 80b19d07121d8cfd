package sql_test

import (
	"testing"

	"festival/sql/engine/enginetest"
	"festival/sql/leaks"
)

func TestMain(m *testing.M) { leaks.Main(enginetest.Main(m, &shared)) }
