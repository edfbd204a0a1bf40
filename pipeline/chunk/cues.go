package chunk

import (
	"fmt"
	"strings"

	"github.com/koe-voc/koe/dict"
)

// kinds is what is known of a word beyond its part of speech.
type kinds uint32

// From chunk_cues.tsv, by the name in its column kind.
const (
	intensifier kinds = 1 << iota // とても
	softener                      // 少し
	reporting                     // 仰る: と before it reports the customer
	hearing                       // 聞く: と before it is hearsay
	wishing                       // 希望: a noun that makes a wish of what it governs
	asking                        // 教える: with a request, a question
	seeking                       // 知る: with たい, a question
	requesting                    // お願い
	acting                        // 案内: done by the operator where a note does not say otherwise
	glad                          // 助かる: with a condition, a wish
	handy                         // 便利: with a condition, a suggestion
	potential                     // 使える: negated, inability
	rhetorical                    // どうなっている
	conceding                     // 仕方ない
	adverbial                     // 先日, 一切: a noun that needs no particle
	feeling                       // 立腹: in a note, always the customer's
	sequence                      // begins a cue of several words

	// Closed classes, by the tables in Go.
	interrogative
	honorific
	relational
	bullet
	conditional // a と that joins a condition
)

var cueKinds = map[string]kinds{
	"intensifier": intensifier, "softener": softener, "report": reporting, "hearsay": hearing, "wish": wishing, "ask": asking, "seek": seeking,
	"request": requesting, "action": acting, "glad": glad, "handy": handy, "potential": potential, "rhetorical": rhetorical,
	"concede": conceding, "adverbial": adverbial, "feeling": feeling,
}

// closedClasses are words that the grammar counts up.
func closedClasses() map[string]kinds {
	m := map[string]kinds{}
	add := func(k kinds, words string) {
		for w := range strings.FieldsSeq(words) {
			m[w] |= k
		}
	}
	add(interrogative, "何 なに なん どう どこ いつ 誰 だれ どなた どれ どちら どっち どんな どの なぜ 何故 どうして いくら いくつ どういう どうやって なんで 何で どう いかが 如何")
	add(honorific, "お ご 御")
	add(relational, "以外 以上 以下 以降 以前 以内 以来 自体 自身 同士 達 たち 等 など 全体 全て すべて 側 用 宛 あて ごと 毎 間 中 前 後 頃 ころ ごろ")
	add(bullet, "→ ⇒ ➡ ⇨ ▶ ※ ■ ● ◆ ▼ ◎ ○ ☆ ★ □ ◇")
	return m
}

// cue is an entry of several words.
type cue struct {
	words []string // base forms
	kind  kinds
}

// readCues reads chunk_cues.tsv: the kind of a cue and its words as base forms
// parted by spaces.
func readCues(t *dict.Table) (single map[string]kinds, several map[string][]cue, err error) {
	single, several = closedClasses(), map[string][]cue{}
	for _, r := range t.Rows {
		k, ok := cueKinds[r.Get("kind")]
		if !ok {
			return nil, nil, fmt.Errorf("dictionary file %s line %d (%s): unknown kind %q", t.Name, r.Line, r.ID(), r.Get("kind"))
		}
		words := strings.Fields(r.Get("words"))
		switch len(words) {
		case 0:
			return nil, nil, fmt.Errorf("dictionary file %s line %d (%s): no words", t.Name, r.Line, r.ID())
		case 1:
			single[words[0]] |= k
		default:
			several[words[0]] = append(several[words[0]], cue{words, k})
			single[words[0]] |= sequence
		}
	}
	return single, several, nil
}

// mark sets w.kinds for every token. A cue of several words marks its last.
func (w *work) mark() {
	tokens := w.r.Tokens
	for range tokens {
		w.kinds = append(w.kinds, 0)
	}
	for i := range tokens {
		k := w.c.single[tokens[i].Base]
		if k == 0 {
			continue
		}
		if k&sequence != 0 {
			w.markSequence(i)
		}
		w.kinds[i] |= k
	}
}

func (w *work) markSequence(i int) {
	tokens := w.r.Tokens
	for _, c := range w.c.several[tokens[i].Base] {
		if i+len(c.words) > len(tokens) {
			continue
		}
		k := 1
		for k < len(c.words) && tokens[i+k].Base == c.words[k] {
			k++
		}
		if k == len(c.words) {
			w.kinds[i+k-1] |= c.kind
		}
	}
}
