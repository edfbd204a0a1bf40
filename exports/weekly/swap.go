package weekly

import (
	"errors"
	"os"

	"github.com/koe-voc/koe/exports"
)

// exchange swaps two folders: in one step where the file system can.
func exchange(a, b string) error {
	err := exports.Exchange(a, b)
	if errors.Is(err, exports.ErrNoExchange) {
		return replace(a, b)
	}
	return err
}

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
