package verify_test

import (
	"testing"

	"festival/sql/leaks"
)

func TestMain(m *testing.M) { leaks.Main(m) }
