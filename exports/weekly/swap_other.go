//go:build !linux

package weekly

// exchange swaps two folders.
func exchange(a, b string) error { return replace(a, b) }
