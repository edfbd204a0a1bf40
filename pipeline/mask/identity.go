package mask

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"regexp"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Hashes of different uses differ, so that a customer's key cannot be matched
// with an id.
const (
	idKey       = "id"
	sourceKey   = "source"
	threadKey   = "thread"
	customerKey = "customer"
	agentKey    = "agent"
)

// hashPrefix marks a hash and the version of the key that made it.
const hashPrefix = "h1:"

var (
	idPattern     = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)
	sourcePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,63}$`)
	// phoneLike is 10 to 13 digits with hyphens that begin like a Japanese
	// number; cardLike is 13 to 19 digits in a row or in groups.
	phoneLike = regexp.MustCompile(`^(?:0|81-?|0081-?)[0-9]{1,5}(?:-?[0-9]{1,4}){1,3}$`)
	cardLike  = regexp.MustCompile(`^[0-9](?:-?[0-9]){12,18}$`)
)

// RecordID is "source/id". An id or a source that does not have the plain
// form, or that looks like a telephone or card number, is replaced by a keyed
// hash, which is the same each time.
func (m *Masker) RecordID(source, id voc.Raw) string {
	return m.source(source) + "/" + m.plain(id, idKey, idPattern)
}

func (m *Masker) source(s voc.Raw) string { return m.plain(s, sourceKey, sourcePattern) }

// reference is a thread's id, shown like an id.
func (m *Masker) reference(s voc.Raw) string {
	if s.Empty() {
		return ""
	}
	return m.plain(s, threadKey, idPattern)
}

func (m *Masker) plain(s voc.Raw, use string, pattern *regexp.Regexp) string {
	text := s.Reveal()
	if !pattern.MatchString(text) || strings.HasPrefix(text, hashPrefix) || personal(text) {
		return m.sum(text, use)
	}
	return text
}

// personal reports whether an id is itself a telephone or card number.
func personal(id string) bool {
	digits := strings.ReplaceAll(id, "-", "")
	if n := len(digits); n >= 10 && n <= 13 && phoneLike.MatchString(id) {
		return true
	}
	return cardLike.MatchString(id) && luhn(digits)
}

// hash is the keyed hash of s, empty for an empty one.
func (m *Masker) hash(s voc.Raw, use string) string {
	if s.Empty() {
		return ""
	}
	return m.sum(s.Reveal(), use)
}

func (m *Masker) sum(text, use string) string {
	h := m.hashes.Get().(hash.Hash)
	defer m.hashes.Put(h)
	h.Reset()
	h.Write([]byte(use))
	h.Write([]byte{0})
	h.Write([]byte(text))
	var sum [sha256.Size]byte
	// 128 bits: no two of 10^9 identities meet with a chance above 10^-20.
	return hashPrefix + hex.EncodeToString(h.Sum(sum[:0])[:16])
}

// luhn checks the sum digit of ISO/IEC 7812-1, annex B.
func luhn[T string | []byte](digits T) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
