package weekly

import "os"

// replace moves b aside, a into its place, and b to where a was. Between the
// first two there is no b, but never half of one.
func replace(a, b string) error {
	aside := a + ".old"
	if err := os.Rename(b, aside); err != nil {
		return err
	}
	if err := os.Rename(a, b); err != nil {
		return err
	}
	return os.Rename(aside, a)
}
