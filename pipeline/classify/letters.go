package classify

import "github.com/koe-voc/koe/pipeline/voc"

// letter is a letter of a sentence.
type letter struct {
	r      rune
	token  int32 // that it is of
	begins bool  // the first of its token
	ends   bool  // the last of it
}

type letters []letter

// token appends the letters of a token's form.
func (l letters) token(i int32, form string) letters {
	n := len(l)
	for _, r := range form {
		l = append(l, letter{r: r, token: i})
	}
	if n < len(l) {
		l[n].begins, l[len(l)-1].ends = true, true
	}
	return l
}

// read takes the text of tokens [from, to). What lies between two tokens counts
// to the second.
func (l *letters) read(r *voc.Record, from, to int) {
	out := (*l)[:0]
	for i := from; i < to; i++ {
		s := r.Tokens[i].Span
		if i > from {
			for _, x := range r.Text[r.Tokens[i-1].Span.To:s.From] {
				out = append(out, letter{r: x, token: int32(i)})
			}
		}
		out = out.token(int32(i), r.Text[s.From:s.To])
	}
	*l = out
}

// walkBase finds words that begin and end where tokens do.
func (s *scanner) walkBase(w *words) {
	for i := range s.base {
		if s.base[i].begins {
			s.walk(w, s.base[i:], false)
		}
	}
}

// walkText looks into the text as it stands, for words that the tokeniser cut
// another way.
func (s *scanner) walkText(w *words) {
	for i := range s.text {
		l := s.text[i:]
		if !l[0].begins && (len(l) < minInside-1 || !w.trie.triples.has(tripleHash(l[0].r, l[1].r, l[2].r))) {
			continue
		}
		s.walk(w, l, true)
	}
}

// walk notes the words that l begins with: those that begin and end where
// tokens do, and if inside holds long ones too.
func (s *scanner) walk(w *words, l letters, inside bool) {
	more := len(l) > 1 && w.trie.pairs.has(pairHash(l[0].r, l[1].r))
	if !more && !w.trie.singles.has(singleHash(l[0].r)) {
		return
	}
	e := w.trie.step(0, l[0].r)
	for k := 1; ; k++ {
		if e.value >= 0 && (l[0].begins && l[k-1].ends || inside && !w.uses[e.value].short) {
			s.words = append(s.words, spotted{e.value, l[0].token, l[k-1].token + 1})
		}
		if e.next == 0 || k == len(l) || !more {
			return
		}
		e = w.trie.step(e.next, l[k].r)
	}
}
