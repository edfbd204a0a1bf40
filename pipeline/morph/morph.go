package morph

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Analyzer splits and tokenises text. It is immutable and safe for concurrent
// use.
type Analyzer struct {
	words *tokenizer.Tokenizer
	kinds []kind // of the system dictionary, by entry
	user  map[string]userWord
}

// kind is what koe keeps of an entry's features.
type kind struct {
	pos        voc.POS
	inflection voc.Inflection
}

// New builds an Analyzer on the IPA dictionary and d's userdict.tsv. The IPA
// dictionary is loaded once in a process.
func New(d *dict.Set) (*Analyzer, error) {
	table, err := d.Table("userdict.tsv")
	if err != nil {
		return nil, err
	}
	user, records, err := userWords(table)
	if err != nil {
		return nil, err
	}
	sys := ipa.Dict()
	opts := []tokenizer.Option{tokenizer.OmitBosEos()}
	if len(records) > 0 {
		u, err := records.NewUserDict()
		if err != nil {
			return nil, fmt.Errorf("build user dictionary: %w", err)
		}
		opts = append(opts, tokenizer.UserDict(u))
	}
	t, err := tokenizer.New(sys, opts...)
	if err != nil {
		return nil, fmt.Errorf("open IPA dictionary: %w", err)
	}
	return &Analyzer{words: t, kinds: kindsOf(sys), user: user}, nil
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
			r.Tokens = a.append(r.Tokens, r.Text, s.From, sh, from, to)
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
// overlap, and leave out nothing but white space and format characters.
func (a *Analyzer) Tokenize(text string) []voc.Token {
	sh := Normalize(text)
	tokens := make([]voc.Token, 0, len(text)/tokenBytes+8)
	split(sh.Text, false, func(from, to int) {
		tokens = a.append(tokens, text, 0, sh, from, to)
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
// shadow's original begins in text.
func (a *Analyzer) append(tokens []voc.Token, text string, base int, sh Shadow, from, to int) []voc.Token {
	for from < to {
		open := from
		n := 0
		for open < to {
			k := strings.IndexByte(sh.Text[open:to], '[')
			if k < 0 {
				open = to
				break
			}
			open += k
			if n = placeholder(sh.Text[open:to]); n > 0 {
				break
			}
			open++
		}
		tokens = a.plain(tokens, text, base, sh, from, open)
		if n > 0 {
			t := voc.Token{Base: sh.Text[open : open+n], POS: voc.Placeholder, Known: true}
			tokens = place(tokens, t, text, base, sh, open, open+n)
		}
		from = open + n
	}
	return tokens
}

func (a *Analyzer) plain(tokens []voc.Token, text string, base int, sh Shadow, from, to int) []voc.Token {
	for _, k := range a.words.Tokenize(sh.Text[from:to]) {
		t := a.token(k)
		if t.POS == voc.Space {
			continue
		}
		tokens = place(tokens, t, text, base, sh, from+k.Position, from+k.Position+len(k.Surface))
	}
	return tokens
}

// place gives t its span and appends it. A token that shares its original with
// the one before is left out; format characters between two tokens go to the
// first.
func place(tokens []voc.Token, t voc.Token, text string, base int, sh Shadow, from, to int) []voc.Token {
	s := sh.Original(from, to)
	t.Span = voc.Span{From: base + s.From, To: base + s.To}
	if n := len(tokens); n > 0 {
		last := &tokens[n-1].Span
		t.Span.From = max(t.Span.From, last.To)
		if t.Span.From > last.To && last.To > base {
			if gap := text[last.To:t.Span.From]; gap[0] >= utf8.RuneSelf {
				last.To += len(gap) - len(strings.TrimLeftFunc(gap, func(r rune) bool { return !unicode.IsSpace(r) }))
			}
		}
	}
	if t.Span.From >= t.Span.To {
		return tokens
	}
	return append(tokens, t)
}

func (a *Analyzer) token(k tokenizer.Token) voc.Token {
	surface := k.Surface
	switch k.Class {
	case tokenizer.USER:
		w := a.user[surface]
		return voc.Token{Base: surface, Reading: w.reading, POS: w.pos, Known: true}
	case tokenizer.KNOWN:
		t := voc.Token{Base: surface, POS: a.kinds[k.ID].pos, Inflection: a.kinds[k.ID].inflection, Known: true}
		if b, ok := k.BaseForm(); ok && b != "*" {
			t.Base = normalBase(b)
		}
		if r, ok := k.Reading(); ok && r != "*" {
			t.Reading = r
		}
		return t
	}
	t := voc.Token{Base: surface}
	r, _ := utf8.DecodeRuneInString(surface)
	if unicode.IsSpace(r) {
		t.POS = voc.Space
		return t
	}
	if pos, ok := signOf(r); ok {
		t.POS = pos
		return t
	}
	pos := k.POS()
	for len(pos) < 3 {
		pos = append(pos, "*")
	}
	t.POS = posOf(pos[0], pos[1], pos[2])
	if isKatakana(r) {
		t.Reading = surface
	}
	return t
}

// normalBase is the shadow of a dictionary form.
func normalBase(s string) string { return Normalize(s).Text }
