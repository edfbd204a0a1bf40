//go:build !linux && !darwin

package exports

import "fmt"

// Exchange swaps two files or folders of the operating system in one step.
func Exchange(_, b string) error { return fmt.Errorf("exchange %s: %w", b, ErrNoExchange) }
