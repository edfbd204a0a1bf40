package morph

import (
	"context"
	"fmt"
	"sync"

	"github.com/ikawaha/kagome-dict/ipa"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Analyzer splits and tokenises text. It is immutable and safe for concurrent
// use.
type Analyzer struct {
	words *words
	free  sync.Pool // of *lattice
}

// New builds an Analyzer on kagome's IPA dictionary and d's userdict.tsv.
//
// Loading the IPA dictionary takes about .7 s of one core and binds the start
// of every command that tokenises; it happens once in a process. The rest
// takes some 30 ms.
func New(d *dict.Set) (*Analyzer, error) {
	table, err := d.Table("userdict.tsv")
	if err != nil {
		return nil, err
	}
	w, err := newWords(ipa.Dict(), table)
	if err != nil {
		return nil, err
	}
	return &Analyzer{words: w, free: sync.Pool{New: func() any { return new(lattice) }}}, nil
}

// Apply sets r.Sentences and r.Tokens, for every segment whatever its role.
// Sentences do not cross segments. White space is in no token. It returns
// ctx's error, or an error if a segment does not lie in the text.
func (a *Analyzer) Apply(ctx context.Context, r *voc.Record) error {
	r.Sentences = r.Sentences[:0]
	r.Tokens = r.Tokens[:0]
	if cap(r.Tokens) == 0 {
		r.Tokens = make([]voc.Token, 0, len(r.Text)/tokenBytes+8)
	}
	for i, seg := range r.Segments {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := seg.Span
		if s.From < 0 || s.To < s.From || s.To > len(r.Text) {
			return fmt.Errorf("tokenise record %s: segment %d lies outside the text", r.ID, i)
		}
		sh := Normalize(r.Text[s.From:s.To])
		split(sh.Text, seg.Role == voc.NoteText, func(from, to int) {
			first := len(r.Tokens)
			r.Tokens = a.append(r.Tokens, s.From, sh, from, to)
			if len(r.Tokens) == first {
				return
			}
			span := voc.Span{From: r.Tokens[first].Span.From, To: r.Tokens[len(r.Tokens)-1].Span.To}
			r.Sentences = append(r.Sentences, voc.Sentence{Span: span, Segment: i, FromToken: first, ToToken: len(r.Tokens)})
		})
	}
	return nil
}

// tokenBytes is about the bytes that a token of Japanese prose takes.
const tokenBytes = 5

// Tokenize returns the tokens of one text, with offsets into it: the same that
// Apply gives to a segment that is not a note. Tokens are in order, do not
// overlap, and leave out nothing but white space and the format characters
// beside it or at the very start; what the shadow leaves out elsewhere belongs
// to the token before.
func (a *Analyzer) Tokenize(text string) []voc.Token {
	sh := Normalize(text)
	tokens := make([]voc.Token, 0, len(text)/tokenBytes+8)
	split(sh.Text, false, func(from, to int) {
		tokens = a.append(tokens, 0, sh, from, to)
	})
	return tokens
}

// Terms returns the search terms of a text, in order: [Term] of its tokens.
func (a *Analyzer) Terms(text string) []string {
	var terms []string
	for _, t := range a.Tokenize(text) {
		if w, ok := Term(t); ok {
			terms = append(terms, w)
		}
	}
	return terms
}

// Term returns the form under which a token is indexed and searched, its Base;
// ok is false for tokens that are not searched: particles, auxiliaries,
// dependent words, signs, placeholders and the honorific prefixes.
func Term(t voc.Token) (term string, ok bool) {
	switch t.POS {
	case voc.NounNumber, voc.NounCounter, voc.NounSuffix, voc.NounPronoun, voc.Interjection:
	case voc.Prefix:
		if t.Base == "お" || t.Base == "ご" || t.Base == "御" {
			return "", false
		}
	default:
		if !t.POS.IsContent() {
			return "", false
		}
	}
	return t.Base, t.Base != ""
}

// append adds the tokens of shadow bytes [from, to). base is where the
// shadow's original begins in the text.
func (a *Analyzer) append(tokens []voc.Token, base int, sh Shadow, from, to int) []voc.Token {
	l := a.free.Get().(*lattice)
	defer a.free.Put(l)
	a.words.best(l, sh.Text[from:to])
	for _, i := range l.path {
		n := &l.nodes[i]
		start, end := from+int(n.start), from+int(n.end)
		t := a.words.token(n, sh.Text[start:end])
		if t.POS == voc.Space {
			continue
		}
		tokens = place(tokens, t, base, sh, start, end)
	}
	return tokens
}

// place gives t its span and appends it. A token that shares its original with
// the one before is left out.
func place(tokens []voc.Token, t voc.Token, base int, sh Shadow, from, to int) []voc.Token {
	s := sh.Original(from, to)
	t.Span = voc.Span{From: base + s.From, To: base + s.To}
	if n := len(tokens); n > 0 {
		t.Span.From = max(t.Span.From, tokens[n-1].Span.To)
	}
	if t.Span.From >= t.Span.To {
		return tokens
	}
	return append(tokens, t)
}
