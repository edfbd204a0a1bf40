package exports

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Exchange swaps two files or folders of the operating system in one step, so
// that no moment is without one.
func Exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EOPNOTSUPP) {
		return fmt.Errorf("exchange %s: %w", b, ErrNoExchange)
	}
	return err
}
