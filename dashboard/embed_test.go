package dashboard

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every page that the server routes to is in the tree and loads something.
func TestFilesHoldsEveryPage(t *testing.T) {
	for _, name := range []string{"index.html", "desk.html", "merchant.html", "ops.html"} {
		page, err := fs.ReadFile(Files(), name)
		require.NoError(t, err, name)
		require.Contains(t, string(page), "<html", name)
	}
}
