package mask

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Keys are the secrets of the hashes, oldest first, each of 16 bytes at least.
//
// The first makes the hash of version 1, "h1:…". Each further one hashes the
// hash before it: h2 is the HMAC of h1's text. So a hash of an older version can
// be brought up to date without the text that it was made of, and contacts from
// before and after a change of the key are still of one customer.
//
// Hashes of customers and agents are of the newest version. Those in ids,
// sources and threads stay of the first: an id that changed would be another
// contact.
type Keys [][]byte

// check returns an error unless there are keys and each is long enough.
func (k Keys) check() error {
	if len(k) == 0 {
		return errors.New("masker: there is no key")
	}
	for i, key := range k {
		if len(key) < 16 {
			return fmt.Errorf("masker: key %d is shorter than 16 bytes", i+1)
		}
	}
	return nil
}

// first is the hash of version 1 of a text, for a use.
func (k Keys) first(use, text string) string {
	return version(1, k[0], use+"\x00"+text)
}

// from returns a hash and what it becomes by each newer key, oldest first.
func (k Keys) from(hash string) []string {
	out := []string{hash}
	for v := Version(hash); v > 0 && v < len(k); v++ {
		hash = version(v+1, k[v], hash)
		out = append(out, hash)
	}
	return out
}

// Current returns the hash of the newest version that a hash of any version has
// become. What is no hash, or of a key that is not there, stays as it is.
func (k Keys) Current(hash string) string {
	all := k.from(hash)
	return all[len(all)-1]
}

// Version returns the version of a hash, 0 for what is none.
func Version(hash string) int {
	rest, ok := strings.CutPrefix(hash, "h")
	digits, hash, colon := strings.Cut(rest, ":")
	if !ok || !colon || len(hash) != 2*hashBytes {
		return 0
	}
	v, err := strconv.Atoi(digits)
	if err != nil || v < 1 || strconv.Itoa(v) != digits {
		return 0
	}
	if _, err := hex.DecodeString(hash); err != nil {
		return 0
	}
	return v
}

// hashBytes are 128 bits: no two of 10^9 identities meet with a chance above
// 10^-20.
const hashBytes = 16

func version(v int, key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return "h" + strconv.Itoa(v) + ":" + hex.EncodeToString(h.Sum(nil)[:hashBytes])
}
