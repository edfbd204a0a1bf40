package mask

import "github.com/koe-voc/koe/pipeline/voc"

// CustomerHashes are the hashes that stand, or once stood, in the records of a
// customer's key, oldest version first. Of what is a hash already they are that
// one and those that it became.
func (m *Masker) CustomerHashes(key voc.Raw) []string {
	if text := key.Reveal(); Version(text) > 0 {
		return m.keys.from(text)
	}
	return m.hashes(key, customerKey)
}

// ShownID is the id of a record by what a person gives: source and id as the
// system has them, or as koe shows them.
func (m *Masker) ShownID(source, id voc.Raw) string {
	text := source.Reveal()
	if Version(text) == 0 {
		text = m.source(source)
	}
	if shown := id.Reveal(); Version(shown) > 0 {
		return text + "/" + shown
	}
	return text + "/" + m.plain(id, idKey, idPattern)
}
