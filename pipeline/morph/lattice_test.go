package morph

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer"

	"github.com/koe-voc/koe/dict"
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

// TestLatticeIsKagome holds the search against kagome's own: where neither a
// word of koe's nor a narrow sign is involved the words are the same.
func TestLatticeIsKagome(t *testing.T) {
	table := &dict.Table{Name: "none", Columns: []string{"id", "surface", "reading", "pos"}}
	w, err := newWords(ipa.Dict(), table)
	if err != nil {
		t.Fatal(err)
	}
	k, err := tokenizer.New(ipa.Dict(), tokenizer.OmitBosEos())
	if err != nil {
		t.Fatal(err)
	}
	var l lattice
	for _, s := range kagomeSentences(t) {
		var got, want []string
		w.best(&l, s)
		for _, i := range l.path {
			n := &l.nodes[i]
			tok := w.token(n, s[n.start:n.end])
			got = append(got, s[n.start:n.end]+"/"+tok.Base)
		}
		for _, x := range k.Tokenize(s) {
			base, ok := x.BaseForm()
			if !ok {
				base = x.Surface
			}
			want = append(want, x.Surface+"/"+Normalize(base).Text)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-kagome +koe):\n%s", s, d)
		}
	}
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

func kagomeSentences(t *testing.T) []string {
	t.Helper()
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
