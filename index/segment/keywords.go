package segment

// keywords are the values of a field that is indexed by whole values.
type keywords struct {
	numbers map[string]uint32 // value to its place in values
	values  []value
	hits    []hit // in the order of documents
	last    uint32
	terms   []term   // in order
	docs    []uint32 // of the first value, the second …
}

// value is a distinct value of the batch.
type value struct {
	text string
	last uint32 // document that had it
	n    uint32 // documents that have it; later where its documents end
}

type hit struct{ value, doc uint32 }

// add gives document n, which is no earlier than those before, a value. Once more
// the same one changes nothing, as in zapx.
func (k *keywords) add(n uint32, text string) {
	// Documents of one batch often have the same day, channel or source: then the
	// comparison is of two pointers and spares the look into the map.
	at := k.last
	if int(at) >= len(k.values) || k.values[at].text != text {
		var ok bool
		if at, ok = k.numbers[text]; !ok {
			at = uint32(len(k.values)) //nolint:gosec // a count of values
			k.numbers[text] = at
			k.values = append(k.values, value{text: text})
		}
		k.last = at
	}
	v := &k.values[at]
	if v.n > 0 && v.last == n {
		return
	}
	v.last = n
	v.n++
	k.hits = append(k.hits, hit{at, n})
}

// group puts the values in order, and the documents by value.
func (k *keywords) group() {
	k.terms = k.terms[:0]
	from := uint32(0)
	for i := range k.values {
		v := &k.values[i]
		k.terms = append(k.terms, newTerm(v.text, from, from+v.n))
		from, v.n = from+v.n, from
	}
	k.docs = resize(k.docs, len(k.hits))
	for _, h := range k.hits {
		v := &k.values[h.value]
		k.docs[v.n] = h.doc
		v.n++
	}
	sortTerms(k.terms)
}

func (k *keywords) reset() {
	clear(k.numbers)
	clear(k.values) // the strings are of records
	clear(k.terms)
	k.values, k.hits, k.terms, k.last = k.values[:0], k.hits[:0], k.terms[:0], 0
}

// writeKeywords writes the posting lists of a field. A posting says only which
// document it is: its frequency is 0, which bleve takes as "not kept".
func (w *writer) writeKeywords(k *keywords) error {
	k.group()
	for i := range k.terms {
		t := &k.terms[i]
		docs := k.docs[t.from:t.to]
		w.list.begin(len(docs))
		for _, doc := range docs {
			w.list.document(doc)
			w.list.freqs = append(w.list.freqs, 0)
		}
		var address uint64
		var err error
		if w.out, address, err = w.list.end(w.out); err != nil {
			return err
		}
		w.terms.insert(t.text, address)
	}
	return nil
}
