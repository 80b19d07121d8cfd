package sql

import "context"

// Code is a name that views and exports give for a code of raw rows. Catalogue is one of Catalogues.
type Code struct {
	Catalogue string
	Code      uint8
	Name      string
}

// StoredCodes gives the names of a ledger's codes as the store has them, by catalogue and code.
func (s *Store) StoredCodes(ctx context.Context, ledger uint64) (out []Code, err error) {
	var catalogue, name []string
	var code []uint8
	err = s.read(ctx, "verify_codes", []any{named("ledger", ledger)}, []column{textsOf(&catalogue), uint8s(&code), textsOf(&name)}, func(n int) error {
		for i := range n {
			out = append(out, Code{catalogue[i], code[i], name[i]})
		}
		return nil
	})
	return out, err
}
