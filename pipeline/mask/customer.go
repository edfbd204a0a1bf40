package mask

import (
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// CustomerHash is the hash that stands in the records of a customer's key. What
// is a hash already stays as it is.
func (m *Masker) CustomerHash(key voc.Raw) string {
	if text := key.Reveal(); strings.HasPrefix(text, hashPrefix) {
		return text
	}
	return m.hash(key, customerKey)
}

// ShownID is the id of a record by what a person gives: source and id as the
// system has them, or as koe shows them.
func (m *Masker) ShownID(source, id voc.Raw) string {
	text := source.Reveal()
	if !strings.HasPrefix(text, hashPrefix) {
		text = m.source(source)
	}
	if shown := id.Reveal(); strings.HasPrefix(shown, hashPrefix) {
		return text + "/" + shown
	}
	return text + "/" + m.plain(id, idKey, idPattern)
}
