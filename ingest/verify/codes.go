package verify

import (
	"context"
	"fmt"
	"slices"

	"festival/sql"
)

// checkCodes holds the stored names of codes, by which the store's views and SQL exports call countries and currencies, against the
// rules' own lists. No figure of frame or API goes by the stored ones.
func (r *run) checkCodes(ctx context.Context) error {
	stored, err := r.Store.StoredCodes(ctx, r.Ledger.Prefix)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, c := range stored {
		if !slices.Contains(sql.Catalogues(), c.Catalogue) {
			r.found.add(Difference{"name of a code", c.Catalogue, c.Name, "the rules have no such catalogue"})
			continue
		}
		list := r.rules.Codes(c.Catalogue)
		seen[c.Catalogue]++
		if want := name(list, c.Code); int(c.Code) >= len(list) {
			r.found.add(Difference{"name of a code", fmt.Sprintf("%s %d", c.Catalogue, c.Code), c.Name, fmt.Sprintf("the catalogue ends at %d", len(list)-1)})
		} else if want != c.Name {
			r.found.add(Difference{"name of a code", fmt.Sprintf("%s %d", c.Catalogue, c.Code), c.Name, want})
		}
	}
	for _, catalogue := range sql.Catalogues() {
		if want := len(r.rules.Codes(catalogue)); seen[catalogue] < want {
			r.found.add(Difference{"name of a code", catalogue, fmt.Sprintf("%d names", seen[catalogue]), fmt.Sprintf("%d names", want)})
		}
	}
	return nil
}
