package morph

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/testdata"
)

const benchText = "先週注文した加湿器がまだ届きません。配送状況を見ても「準備中」のままで、何度電話してもつながらず、" +
	"チャットでは折り返すと言われたのに連絡がありません。急いでいるので、発送日だけでも教えていただけますか。\n" +
	"ｱﾌﾟﾘの通知も来ないため、ＳＭＳでの連絡を希望します！！"

// BenchmarkTokenize measures normalising, splitting and tokenising together.
func BenchmarkTokenize(b *testing.B) {
	d, err := dict.Load("")
	if err != nil {
		b.Fatal(err)
	}
	a, err := New(d)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(benchText)))
	b.ReportAllocs()
	for b.Loop() {
		a.Tokenize(benchText)
	}
}

// beside runs koe's search without words of koe's own, and kagome's.
type beside struct {
	w *words
	l lattice
	k *tokenizer.Tokenizer
}

func newBeside(tb testing.TB) *beside {
	tb.Helper()
	table := &dict.Table{Name: "none", Columns: []string{"id", "surface", "reading", "pos"}}
	w, err := newWords(ipa.Dict(), table)
	if err != nil {
		tb.Fatal(err)
	}
	k, err := tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	if err != nil {
		tb.Fatal(err)
	}
	return &beside{w: w, k: k}
}

// differ compares the words of s and their base forms.
func (b *beside) differ(s string) string {
	var got, want []string
	b.w.best(&b.l, s)
	for _, i := range b.l.path {
		n := &b.l.nodes[i]
		tok := b.w.token(n, s[n.start:n.end])
		got = append(got, s[n.start:n.end]+"/"+tok.Base)
	}
	for _, x := range b.k.Tokenize(s) {
		base := x.Surface
		if form, ok := x.BaseForm(); ok {
			base = Normalize(form).Text
		}
		if base == "あり" && x.POS()[0] == "動詞" {
			base = "ある"
		}
		want = append(want, x.Surface+"/"+base)
	}
	return cmp.Diff(want, got)
}

// sameToBoth reports whether koe means to read r as kagome does: not narrow
// letters, digits and signs, and signs that koe gives a part of speech.
func sameToBoth(r rune) bool {
	return isKana(r) && r < 0xff00 || isKanji(r) || strings.ContainsRune("。、「」", r)
}

// TestLatticeIsKagome holds the search against kagome's own: where neither a
// word of koe's nor a narrow sign is involved the words are the same.
func TestLatticeIsKagome(t *testing.T) {
	b := newBeside(t)
	for _, s := range kagomeSentences(t) {
		if d := b.differ(s); d != "" {
			t.Errorf("%s (-kagome +koe):\n%s", s, d)
		}
	}
}

// TestLatticeIsKagomeOnRealText compares all sentences of the public texts, and of
// the gold corpus.
func TestLatticeIsKagomeOnRealText(t *testing.T) {
	if testing.Short() {
		t.Skip("kagome needs half a minute for it")
	}
	b := newBeside(t)
	seen := map[string]bool{}
	runes, bad := 0, 0
	for _, text := range realTexts(t) {
		shadow := Normalize(text).Text
		split(shadow, false, func(from, to int) {
			for _, s := range parts(shadow[from:to]) {
				if seen[s] || bad > 10 {
					continue
				}
				seen[s] = true
				runes += utf8.RuneCountInString(s)
				if d := b.differ(s); d != "" {
					bad++
					t.Errorf("%s (-kagome +koe):\n%s", s, d)
				}
			}
		})
	}
	t.Logf("%d characters in %d different stretches", runes, len(seen))
}

// parts cuts a sentence at what is not the same to both.
func parts(s string) (out []string) {
	from := 0
	for i, r := range s {
		if !sameToBoth(r) {
			if s[from:i] != "" {
				out = append(out, s[from:i])
			}
			from = i + utf8.RuneLen(r)
		}
	}
	if s[from:] != "" {
		out = append(out, s[from:])
	}
	return out
}

func realTexts(t *testing.T) (out []string) {
	t.Helper()
	gold, err := testdata.Gold()
	if err != nil {
		t.Fatal(err)
	}
	for i := range gold {
		out = append(out, string(gold[i].Contact))
	}
	const shared = "../../../shared/data/"
	for _, name := range []string{
		"fukui_voc.tsv", "fukui_survey_2024-05.csv", "asdc_topics.tsv", "asdc_dialogs.jsonl", "quasi_reviews.jsonl",
		"persona_chat_sample.jsonl", "ner_wikipedia.jsonl", "ja_gsd-ud-dev.ne.conllu", "mlask_lexicon.tsv",
	} {
		data, err := os.ReadFile(shared + name)
		if err != nil {
			t.Logf("the shared data is not here: %s", name)
			continue
		}
		out = append(out, strings.Split(string(data), "\n")...)
	}
	return out
}

// FuzzLatticeIsKagome puts words and letters together as nobody would.
func FuzzLatticeIsKagome(f *testing.F) {
	for _, s := range kagomeSentences(f) {
		f.Add(s)
	}
	b := newBeside(f)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > maxSentence {
			return
		}
		for _, p := range parts(strings.ToValidUTF8(s, "")) {
			if d := b.differ(p); d != "" {
				t.Errorf("%q (-kagome +koe):\n%s", p, d)
			}
		}
	})
}

// BenchmarkKagome is kagome's own search on the text of BenchmarkTokenize, for
// the ratio.
func BenchmarkKagome(b *testing.B) {
	k, err := tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(benchText)))
	b.ReportAllocs()
	for b.Loop() {
		k.Tokenize(benchText)
	}
}

func kagomeSentences(tb testing.TB) []string {
	tb.Helper()
	return strings.Fields(`
商品が届いたのですが、箱がつぶれていて中身も割れていました。
何度電話してもつながらず、ようやくつながったと思えば別の部署に回されました。
店員さんの対応がとても丁寧で気持ちよく買い物ができました。
すもももももももものうち。
アンケートのシステムダウンロードプログラムエラー
東京都新宿区西新宿の支店に出向いたところ休業日だった。
領収書を再発行していただけますでしょうか。
`)
}
