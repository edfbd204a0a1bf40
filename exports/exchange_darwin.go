package exports

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Exchange swaps two files or folders of the operating system in one step, so
// that no moment is without one.
func Exchange(a, b string) error {
	err := unix.RenamexNp(a, b, unix.RENAME_SWAP)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return fmt.Errorf("exchange %s: %w", b, ErrNoExchange)
	}
	return err
}
