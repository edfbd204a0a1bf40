package morph

import (
	"slices"
	"unicode/utf8"
)

// node is one candidate word of a lattice, linked to the best word before it.
type node struct {
	prev  int32 // index of the best node before
	next  int32 // another node that ends at the same byte, 0: none
	cost  int32 // of the best path up to and with this word
	id    int32 // in the word list of class
	start uint16
	end   uint16
	right int16 // connection class on the right
	class class
}

// class tells which word list a node's id is from.
type class uint8

const (
	edgeNode    class = iota // begin of the sentence
	systemWord               // IPA dictionary
	overlayWord              // koe's: user words, placeholders, narrow forms
	unknownWord              // by character class
	signRun                  // a run of one sign, a URL
)

// lattice is the working memory of one sentence, reused.
type lattice struct {
	nodes []node
	ends  []int32 // by byte: the last node made that ends there, 0: none
	runes []rune
	at    []int32 // by rune: its first byte; at last the length
	// What ends at the byte at hand, latest first, side by side for speed.
	costs  []int32
	rights []int16
	from   []int32
	path   []int32
	// The links from the byte at hand that were asked for: words that begin at one
	// byte share few connection classes.
	links [64]link
	turn  int32 // counts the bytes at hand, over all sentences
}

// link is the best node before a word of a connection class, and the cost up to
// the word.
type link struct {
	turn int32
	left int16
	prev int32
	cost int32
}

// best finds the cheapest cover of s by words and leaves it in l.path, first
// word first. It is the search of MeCab and kagome: word costs and connection
// costs of the IPA dictionary. len(s) must fit in 16 bits.
func (w *words) best(l *lattice, s string) {
	l.nodes = append(l.nodes[:0], node{class: edgeNode})
	if cap(l.ends) <= len(s) {
		l.ends = make([]int32, len(s)+maxSentence)
	}
	l.ends = l.ends[:len(s)+1]
	clear(l.ends)
	l.path = l.path[:0]
	l.costs, l.rights, l.from = append(l.costs[:0], 0), append(l.rights[:0], 0), append(l.from[:0], 0)

	runEnd, runClass := 0, byte(0)
	var prev rune
	l.read(s)
	for i, r := range l.runes {
		p := int(l.at[i])
		before := prev
		prev = r
		if p > 0 && !l.gather(p) {
			continue
		}
		l.turn++
		if r == '\n' {
			l.pass(p + 1)
			continue
		}
		c := w.category(r)
		if p >= runEnd || c != runClass {
			runEnd, runClass = w.run(s, p, c), c
		}
		w.extend(l, s, i, before, runEnd, c)
	}
	l.turn++
	if !l.gather(len(s)) {
		return // cannot happen: each word that is reached has one after it
	}
	last, _ := l.link(w.conn, 0)
	l.trace(last)
}

// read takes s apart into runes.
func (l *lattice) read(s string) {
	l.runes, l.at = l.runes[:0], l.at[:0]
	for p, r := range s {
		l.runes, l.at = append(l.runes, r), append(l.at, int32(p))
	}
	l.at = append(l.at, int32(len(s)))
}

// gather puts side by side the nodes that end at byte p.
func (l *lattice) gather(p int) bool {
	l.costs, l.rights, l.from = l.costs[:0], l.rights[:0], l.from[:0]
	for i := l.ends[p]; i != 0; i = l.nodes[i].next {
		n := &l.nodes[i]
		l.costs, l.rights, l.from = append(l.costs, n.cost), append(l.rights, n.right), append(l.from, i)
	}
	return len(l.from) > 0
}

// pass lets what is gathered end at byte to: a line break inside a sentence
// parts nothing.
func (l *lattice) pass(to int) {
	last := int32(0)
	for _, i := range slices.Backward(l.from) {
		n := l.nodes[i]
		n.next = last
		l.nodes = append(l.nodes, n)
		last = int32(len(l.nodes) - 1)
	}
	l.ends[to] = last
}

// link returns the best of the gathered nodes before a word with that left
// connection class, and the cost up to the word.
func (l *lattice) link(c connections, left int16) (prev, cost int32) {
	k := &l.links[uint16(left)%uint16(len(l.links))]
	if k.turn == l.turn && k.left == left {
		return k.prev, k.cost
	}
	row := c.vec[c.row*int(left):]
	cost = 1<<31 - 1
	rights, from := l.rights[:len(l.costs)], l.from[:len(l.costs)]
	for j, base := range l.costs {
		if v := base + int32(row[rights[j]]); v <= cost {
			cost, prev = v, from[j]
		}
	}
	*k = link{l.turn, left, prev, cost}
	return prev, cost
}

// add makes a node for a word.
func (l *lattice) add(c connections, m morph, id int32, cl class, start, end int) {
	prev, cost := l.link(c, m.left)
	l.nodes = append(l.nodes, node{
		prev: prev, next: l.ends[end], cost: cost + int32(m.cost), id: id,
		start: uint16(start), end: uint16(end), right: m.right, class: cl,
	})
	l.ends[end] = int32(len(l.nodes) - 1)
}

// trace follows the best path back from node i.
func (l *lattice) trace(i int32) {
	for i != 0 {
		l.path = append(l.path, i)
		i = l.nodes[i].prev
	}
	for a, b := 0, len(l.path)-1; a < b; a, b = a+1, b-1 {
		l.path[a], l.path[b] = l.path[b], l.path[a]
	}
}

// extend adds every word that begins with rune i of s, which is of category c;
// its run of that category ends at byte runEnd.
func (w *words) extend(l *lattice, s string, i int, prev rune, runEnd int, c byte) {
	r, p := l.runes[i], int(l.at[i])
	if r < utf8.RuneSelf {
		if n := w.fixed(s, p, prev); n > 0 {
			l.add(w.conn, w.sign, 0, signRun, p, p+n)
			return
		}
	}
	known := w.overlaid(l, i, prev)
	for node, j := w.index.begin(r), i+1; node >= 0; j++ {
		if node < w.index.words {
			known = true
			for k := node; ; k++ {
				e := &w.system[k]
				l.add(w.conn, e.morph, k, systemWord, p, int(l.at[j]))
				if e.last {
					break
				}
			}
		}
		if j == len(l.runes) {
			break
		}
		node = w.index.next(node, l.runes[j])
	}
	if known && !w.invoke[c] {
		return
	}
	end := int(l.at[i+1])
	if w.group[c] {
		end = runEnd
	}
	if isDigit(r) {
		end = p + max(end-p, numberLen(s[p:]))
	}
	_, last := utf8.DecodeLastRuneInString(s[p:end])
	for k := w.unkFrom[c]; k < w.unkTo[c]; k++ {
		if p < end-last {
			l.add(w.conn, w.unknown[k], k, unknownWord, p, end-last)
		}
		l.add(w.conn, w.unknown[k], k, unknownWord, p, end)
	}
}

// run returns the end of the run of runes of category c from p on.
func (w *words) run(s string, p int, c byte) int {
	for i, r := range s[p:] {
		if w.category(r) != c {
			return p + i
		}
	}
	return len(s)
}

// fixed returns the length of what must be one token at p: a URL, or a run of
// one ASCII sign (====, ----).
func (w *words) fixed(s string, p int, prev rune) int {
	b := s[p]
	if b == 'h' && !isAlnum(prev) && isURL(s[p:]) {
		return urlLen(s[p:])
	}
	if b >= utf8.RuneSelf || b <= ' ' || isAlnum(rune(b)) {
		return 0
	}
	n := 1
	for p+n < len(s) && s[p+n] == b {
		n++
	}
	if n == 1 && b != '-' {
		return 0
	}
	return n
}

// numberLen returns the length of the number at the start of t: digits, with
// commas before groups of three and a decimal point.
func numberLen(t string) int {
	digits := func(i int) int {
		for i < len(t) && t[i] >= '0' && t[i] <= '9' {
			i++
		}
		return i
	}
	n := digits(0)
	for n > 0 && n < len(t) && t[n] == ',' && digits(n+1) == n+4 {
		n += 4
	}
	if n > 0 && n+1 < len(t) && t[n] == '.' {
		if e := digits(n + 1); e > n+1 && (e == len(t) || t[e] != '.') {
			n = e
		}
	}
	return n
}

// overlaid adds koe's own words that begin with rune i. One that begins or ends
// with a Latin letter or digit stands alone, not inside a longer row of them.
func (w *words) overlaid(l *lattice, i int, prev rune) bool {
	if isAlnum(l.runes[i]) && isAlnum(prev) {
		return false
	}
	found := false
	for node, j := w.overlayIndex.begin(l.runes[i]), i+1; node >= 0; j++ {
		if node < w.overlayIndex.words && (j == len(l.runes) || !isAlnum(l.runes[j-1]) || !isAlnum(l.runes[j])) {
			for id := node; ; id++ {
				l.add(w.conn, w.overlay[id].morph, id, overlayWord, int(l.at[i]), int(l.at[j]))
				if w.overlay[id].last {
					break
				}
			}
			found = true
		}
		if j == len(l.runes) {
			break
		}
		node = w.overlayIndex.next(node, l.runes[j])
	}
	return found
}

func (w *words) category(r rune) byte {
	if int(r) < len(w.categories) {
		return w.categories[r]
	}
	return w.categories[0]
}
