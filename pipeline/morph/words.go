package morph

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	kdict "github.com/ikawaha/kagome-dict/dict"
	"github.com/ikawaha/kagome-dict/ipa"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// words is every word list that a lattice is built from: kagome's IPA
// dictionary in the form the search needs, and koe's overlay.
type words struct {
	conn       connections
	index      wordTrie
	system     []systemEntry
	texts      string // base forms and readings of the system entries
	categories []byte
	invoke     []bool // by category: unknown words also where known ones are
	group      []bool // by category: a row of it is one unknown word
	unkFrom    []int32
	unkTo      []int32
	unknown    []morph
	unkKinds   []kind
	sign       morph

	overlayIndex wordTrie
	overlay      []overlayEntry // by surface, then in the order of the tables
}

// connections is the matrix of connection costs, a row for each left class.
type connections struct {
	row int
	vec []int16
}

// morph is how an entry joins and what it costs.
type morph struct{ left, right, cost int16 }

// kind is what koe keeps of an entry's features.
type kind struct {
	pos        voc.POS
	inflection voc.Inflection
	uses       Uses
}

// systemEntry is an entry of the IPA dictionary, all of it in one place and
// without pointers: there are 392,000, which the garbage collector need not look
// at, and one access to memory finds all of it.
type systemEntry struct {
	morph
	kind
	last       bool // of the entries with its surface, which stand side by side
	text       uint32
	baseLen    uint16
	readingLen uint16 // the reading stands behind the base form
}

// base is the base form of an entry, normalised.
func (w *words) base(e *systemEntry) string { return w.texts[e.text:][:e.baseLen] }

// reading is the reading of an entry in katakana, empty if there is none.
func (w *words) reading(e *systemEntry) string { return w.texts[e.text:][e.baseLen:][:e.readingLen] }

// overlayEntry is a word of koe's own.
type overlayEntry struct {
	surface string
	reading string
	morph
	kind
	last bool // of the entries with its surface, which stand side by side
}

// Columns of an entry's contents, which follow the levels of its part of speech.
const (
	formColumn    = ipa.InflectionalForm - ipa.POSHierarchy
	baseColumn    = ipa.BaseForm - ipa.POSHierarchy
	readingColumn = ipa.Reading - ipa.POSHierarchy
)

// placeholders are what the masker puts for personal data.
var placeholders = [...]string{"[電話]", "[氏名]", "[メール]", "[住所]", "[郵便番号]", "[カード]", "[番号]", "[生年月日]"}

const (
	// maxPlaceholder bounds a placeholder in bytes.
	maxPlaceholder = 20
	// placeholderCost makes a placeholder win over anything: it is less than
	// the cost of any three words of the IPA dictionary together.
	placeholderCost = -30000
	// userCost is what a user word costs at most; about a common noun of the
	// IPA dictionary.
	userCost = 3500
	// userMargin is by how much, for each of its characters, a user word
	// undercuts its own parts: enough to win beside any neighbour (特になし before
	// a full stop), too little to break a verb that begins like it (申込みたい).
	userMargin = 400
)

// newWords reads kagome's dictionary and lays the user dictionary over it.
func newWords(d *kdict.Dict, user *dict.Table) (*words, error) {
	if len(d.Morphs) == 0 || len(d.POSTable.POSs) != len(d.Morphs) || len(d.CharCategory) == 0 || d.Connection.Row == 0 {
		return nil, errors.New("open IPA dictionary: it is empty")
	}
	w := &words{
		conn:       connections{int(d.Connection.Row), d.Connection.Vec},
		categories: d.CharCategory, invoke: d.InvokeList, group: d.GroupList,
		unkFrom: make([]int32, len(d.CharClass)), unkTo: make([]int32, len(d.CharClass)),
	}
	var err error
	if w.index, err = newWordTrie(d.Index.Da, len(d.Morphs)); err != nil {
		return nil, err
	}
	if err := w.enter(d); err != nil {
		return nil, err
	}
	for c := range w.unkFrom {
		if id, ok := d.UnkDict.Index[int32(c)]; ok {
			w.unkFrom[c], w.unkTo[c] = id, id+d.UnkDict.IndexDup[int32(c)]+1
		}
	}
	for i, m := range d.UnkDict.Morphs {
		w.unknown = append(w.unknown, morph{m.LeftID, m.RightID, m.Weight})
		f := append(slices.Clone(d.UnkDict.Contents[i]), "*", "*", "*")
		w.unkKinds = append(w.unkKinds, kind{pos: posOf(f[0], f[1], f[2])})
	}
	w.sign, _, _ = w.like(d, "記号,一般")
	return w, w.lay(d, user)
}

// enter reads the entries of the IPA dictionary.
func (w *words) enter(d *kdict.Dict) error {
	w.system = make([]systemEntry, len(d.Morphs))
	kinds := kindsOf(d)
	texts := make([]byte, 0, textBytes*len(d.Morphs))
	for i, m := range d.Morphs {
		e := &w.system[i]
		e.morph, e.kind, e.last, e.text = morph{m.LeftID, m.RightID, m.Weight}, kinds[i], true, uint32(len(texts))
		if i >= len(d.Contents) || len(d.Contents[i]) <= readingColumn {
			continue
		}
		base, reading := d.Contents[i][baseColumn], d.Contents[i][readingColumn]
		if !isPlain(base) {
			base = Normalize(base).Text
		}
		if base == "あり" && e.pos == voc.Verb {
			base = "ある" // the dictionary keeps the classical form beside the modern one
		}
		if len(base) > math.MaxUint16 || len(reading) > math.MaxUint16 || len(texts) > math.MaxUint32 {
			return fmt.Errorf("open IPA dictionary: entry %d is too long", i)
		}
		e.baseLen, e.readingLen = uint16(len(base)), uint16(len(reading))
		texts = append(append(texts, base...), reading...)
	}
	w.texts = string(texts)
	for id, n := range d.Index.Dup {
		for k := range n {
			w.system[id+k].last = false
		}
	}
	return nil
}

// textBytes is about the bytes of a base form and a reading.
const textBytes = 28

// isPlain reports whether s is of full-width kana and ideographs alone, which stand as they
// are.
func isPlain(s string) bool {
	for _, r := range s {
		if !isHiragana(r) && !isKatakana(r) && (r < 0x4e00 || r > 0x9fff) || r == 'ー' || r >= 0xff00 {
			return false
		}
	}
	return true
}

// lay builds the overlay.
func (w *words) lay(d *kdict.Dict, user *dict.Table) error {
	w.narrow(d)
	noun, _, ok := w.like(d, "名詞,固有名詞,一般")
	if !ok {
		return errors.New("open IPA dictionary: it has no proper nouns")
	}
	noun.cost = placeholderCost
	for _, p := range placeholders {
		w.overlay = append(w.overlay, overlayEntry{surface: p, morph: noun, kind: kind{pos: voc.Placeholder}})
	}
	if err := w.indexOverlay(); err != nil {
		return err
	}
	added, err := w.userEntries(d, user)
	if err != nil {
		return err
	}
	w.overlay = append(w.overlay, added...)
	return w.indexOverlay()
}

// narrow adds the narrow forms of the entries that the IPA dictionary writes
// with wide letters and signs (ＣＤ, ！), since the shadow holds no wide ones.
// Single letters and digits are better unknown: rows of them are one token.
func (w *words) narrow(d *kdict.Dict) {
	for id, c := range d.Contents {
		if len(c) <= readingColumn || !hasWide(c[baseColumn]) {
			continue
		}
		s := Normalize(c[baseColumn]).Text
		if s == c[baseColumn] || len(s) == 1 && isAlnum(rune(s[0])) || strings.Trim(s, "0123456789") == "" {
			continue
		}
		if strings.IndexFunc(s, func(r rune) bool { return r < utf8.RuneSelf }) < 0 {
			continue // そ～ without its wave is the word そ, which is another
		}
		k := w.system[id].kind
		if r, n := utf8.DecodeRuneInString(s); n == len(s) {
			if pos, sign := signOf(r); sign && k.pos == voc.Symbol {
				k.pos = pos
			}
		}
		w.overlay = append(w.overlay, overlayEntry{surface: s, reading: c[readingColumn], morph: w.system[id].morph, kind: k})
	}
}

func hasWide(s string) bool {
	for _, r := range s {
		if r >= 0xff01 && r <= 0xff5e {
			return true
		}
	}
	return false
}

// like returns the connection classes and kind of the first entry of that part
// of speech, levels parted by commas.
func (w *words) like(d *kdict.Dict, pos string) (morph, kind, bool) {
	want := strings.Split(pos, ",")
	for id, p := range d.POSTable.POSs {
		match := len(p) >= len(want)
		for i := 0; match && i < len(want); i++ {
			match = d.POSTable.NameList[p[i]] == want[i]
		}
		if match {
			return w.system[id].morph, w.system[id].kind, true
		}
	}
	return morph{}, kind{}, false
}

// indexOverlay sorts and indexes the overlay.
func (w *words) indexOverlay() error {
	slices.SortStableFunc(w.overlay, func(a, b overlayEntry) int { return cmp.Compare(a.surface, b.surface) })
	keys := make([]string, len(w.overlay))
	for i := range w.overlay {
		keys[i] = w.overlay[i].surface
		w.overlay[i].last = i+1 == len(w.overlay) || w.overlay[i+1].surface != keys[i]
	}
	t, err := kdict.BuildIndexTable(keys)
	if err == nil {
		w.overlayIndex, err = newWordTrie(t.Da, len(keys))
	}
	if err != nil {
		return fmt.Errorf("index user dictionary: %w", err)
	}
	return nil
}

// userEntries reads userdict.tsv: surface, reading in katakana, and the part of
// speech as the IPA dictionary writes it, such as 名詞,サ変接続. A user word
// costs less than the words that it would fall into otherwise.
func (w *words) userEntries(d *kdict.Dict, t *dict.Table) ([]overlayEntry, error) {
	seen := make(map[string]bool, len(t.Rows))
	forms := map[string]overlayEntry{}
	var l lattice
	added := make([]overlayEntry, 0, len(t.Rows))
	for _, r := range t.Rows {
		fail := func(what string) error {
			return fmt.Errorf("dictionary file %s line %d (%s): %s", t.Name, r.Line, r.ID(), what)
		}
		e := overlayEntry{surface: Normalize(r.Get("surface")).Text, reading: r.Get("reading")}
		if e.surface == "" || strings.ContainsAny(e.surface, " \n[]") || len(e.surface) > maxSentence {
			return nil, fail("the surface is empty or holds spaces or square brackets")
		}
		if seen[e.surface] {
			return nil, fail("the surface stands in the table already")
		}
		seen[e.surface] = true
		form, ok := forms[r.Get("pos")]
		if !ok {
			form.morph, form.kind, ok = w.like(d, r.Get("pos"))
			if !ok || form.inflection != voc.NotInflected || form.pos == voc.OtherPOS || r.Get("pos") == "" {
				return nil, fail(fmt.Sprintf("part of speech %q is none that does not inflect; write it like 名詞,サ変接続", r.Get("pos")))
			}
			forms[r.Get("pos")] = form
		}
		e.morph, e.kind = form.morph, form.kind
		e.cost = w.undercut(&l, e)
		added = append(added, e)
	}
	return added, nil
}

// undercut returns the cost at which the word just wins over its parts when it
// stands alone.
func (w *words) undercut(l *lattice, e overlayEntry) int16 {
	w.best(l, e.surface)
	last := l.nodes[l.path[len(l.path)-1]]
	parts := last.cost + int32(w.conn.at(last.right, 0))
	alone := int32(w.conn.at(0, e.left)) + int32(w.conn.at(e.right, 0))
	return int16(max(min(parts-alone-userMargin*int32(utf8.RuneCountInString(e.surface)), userCost), -20000))
}

func (c connections) at(right, left int16) int16 { return c.vec[c.row*int(left)+int(right)] }

// placeholder returns the length of the placeholder that t begins with, 0 if
// there is none.
func placeholder(t string) int {
	for _, p := range placeholders {
		if strings.HasPrefix(t, p) {
			return len(p)
		}
	}
	return 0
}

// kindsOf maps every entry of the system dictionary.
func kindsOf(d *kdict.Dict) []kind {
	type key [4]kdict.POSID
	kinds := make([]kind, len(d.POSTable.POSs))
	type sort struct {
		pos  voc.POS
		uses Uses
	}
	seen := map[key]sort{}
	forms := map[string]voc.Inflection{}
	for id, p := range d.POSTable.POSs {
		var k key
		f := [len(k)]string{"*", "*", "*", "*"}
		for i := range min(len(p), len(k)) {
			k[i], f[i] = p[i], d.POSTable.NameList[p[i]]
		}
		of, ok := seen[k]
		if !ok {
			of.pos = posOf(f[0], f[1], f[2])
			of.uses = usesOf(of.pos, f[3])
			seen[k] = of
		}
		form := ""
		if id < len(d.Contents) && len(d.Contents[id]) > formColumn {
			form = d.Contents[id][formColumn]
		}
		inflection, ok := forms[form]
		if !ok {
			inflection = inflectionOf(form)
			forms[form] = inflection
		}
		kinds[id] = kind{of.pos, inflection, of.uses}
	}
	return kinds
}

// token returns what is known of the word of a node; surface is its text.
func (w *words) token(n *node, surface string) voc.Token {
	switch n.class {
	case systemWord:
		e := &w.system[n.id]
		return voc.Token{Base: w.base(e), Reading: w.reading(e), POS: e.pos, Inflection: e.inflection, Known: true}
	case overlayWord:
		e := &w.overlay[n.id]
		return voc.Token{Base: e.surface, Reading: e.reading, POS: e.pos, Inflection: e.inflection, Known: true}
	case signRun:
		return voc.Token{Base: surface, POS: voc.Symbol}
	default:
	}
	t := voc.Token{Base: surface, POS: w.unkKinds[n.id].pos}
	r, _ := utf8.DecodeRuneInString(surface)
	switch pos, sign := signOf(r); {
	case sign && t.POS != voc.Space:
		t.POS = pos
	case isKatakana(r):
		t.Reading = surface
	case isDigit(r):
		t.Base = strings.ReplaceAll(surface, ",", "")
	}
	return t
}
