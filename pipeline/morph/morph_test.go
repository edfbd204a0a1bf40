package morph_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

func analyzer(t testing.TB) *morph.Analyzer {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	a, err := morph.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// show writes tokens as surface/base where the two differ, parted by spaces.
func show(text string, tokens []voc.Token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		s := text[t.Span.From:t.Span.To]
		b.WriteString(s)
		if t.Base != s {
			b.WriteString("/" + t.Base)
		}
	}
	return b.String()
}

func TestTokenize(t *testing.T) {
	a := analyzer(t)
	tests := []struct{ name, text, want string }{
		{"plain", "箱がつぶれていました", "箱 が つぶれ/つぶれる て い/いる まし/ます た"},
		{"narrow kana", "ｱﾌﾟﾘがｶﾞﾀｶﾞﾀです", "ｱﾌﾟﾘ/アプリ が ｶﾞﾀｶﾞﾀ/ガタガタ です"},
		{"wide letters", "ＳＶへエスカ、ＴＥＬ希望", "ＳＶ/sv へ エスカ 、 ＴＥＬ/tel 希望"},
		{"placeholder", "[氏名]様の[電話]に折電", "[氏名] 様 の [電話] に 折電"},
		{"placeholder in a word", "アプリ[メール]アプリ", "アプリ [メール] アプリ"},
		{"no placeholder", "[重要]です", "[ 重要 ] です"},
		{"user word", "たらい回しで誤請求", "たらい回し で 誤 請求"},
		{"user word is no part of a longer one", "エスカレーターとリボンとOPPO", "エスカレーター と リボン と OPPO/oppo"},
		{"verb stays a verb", "取り寄せて受け取りたい", "取り寄せ/取り寄せる て 受け取り/受け取る たい"},
		{"marks", "ひどい！！！！なぜ??", "ひどい ！！！！/! なぜ ??/?"},
		{"lengthened", "おそ〜〜いですーー", "おそ〜〜い/おそい ですーー/です"},
		{"url", "https://example.jp/?a=1を見た", "https://example.jp/?a=1 を 見/見る た"},
		{"line break in a sentence", "商品が\n届かない", "商品 が 届か/届く ない"},
		{"joined sign", "㈱と①と㌔", "㈱/株 と ①/1 と ㌔/キロ"},
		{"numbers", "5,000円の1.5倍、3、4日", "5,000/5000 円 の 1.5 倍 、 3 、 4 日"},
		{"no Japanese", "The app keeps crashing.", "The/the app keeps crashing ."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := show(test.text, a.Tokenize(test.text)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	a := analyzer(t)
	type kind struct {
		Word       string
		POS        voc.POS
		Inflection voc.Inflection
	}
	text := "お電話しても丁寧な説明がなく、3回も呼ばれ怒りたい[番号]！（怒）"
	var got []kind
	for _, tok := range a.Tokenize(text) {
		got = append(got, kind{text[tok.Span.From:tok.Span.To], tok.POS, tok.Inflection})
	}
	want := []kind{
		{"お", voc.Prefix, 0},
		{"電話", voc.NounVerbal, 0},
		{"し", voc.Verb, voc.Continuative},
		{"て", voc.ParticleConj, 0},
		{"も", voc.ParticleTopic, 0},
		{"丁寧", voc.NounAdj, 0},
		{"な", voc.Auxiliary, voc.Attributive},
		{"説明", voc.NounVerbal, 0},
		{"が", voc.ParticleCase, 0},
		{"なく", voc.Adjective, voc.Continuative},
		{"、", voc.Comma, 0},
		{"3", voc.NounNumber, 0},
		{"回", voc.NounCounter, 0},
		{"も", voc.ParticleTopic, 0},
		{"呼ば", voc.Verb, voc.Irrealis},
		{"れ", voc.VerbSuffix, voc.Continuative},
		{"怒り", voc.Verb, voc.Continuative},
		{"たい", voc.Auxiliary, voc.Basic},
		{"[番号]", voc.Placeholder, 0},
		{"！", voc.Period, 0},
		{"（怒）", voc.Symbol, 0},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTerms(t *testing.T) {
	a := analyzer(t)
	tests := map[string][]string{
		"届くのが遅い":      {"届く", "遅い"},
		"ｱﾌﾟﾘ ログイン":   {"アプリ", "ログイン"},
		"ご説明を[氏名]様に":  {"説明", "様"},
		"ありがとう":       {"ありがとう"},
		"3回 Wi-Fi":    {"3", "回", "wi-fi"},
		"":            nil,
		"の を は 、。 ！！": nil,
	}
	for text, want := range tests {
		if d := cmp.Diff(want, a.Terms(text)); d != "" {
			t.Errorf("%s: %s", text, d)
		}
	}
}

// record makes a record of one segment for each text.
func record(role voc.Role, texts ...string) *voc.Record {
	r := &voc.Record{ID: "t/1"}
	for i, s := range texts {
		if i > 0 {
			r.Text += "\n"
		}
		from := len(r.Text)
		r.Text += s
		r.Segments = append(r.Segments, voc.Segment{Role: role, Span: voc.Span{From: from, To: len(r.Text)}})
	}
	return r
}

func TestSentences(t *testing.T) {
	a := analyzer(t)
	tests := []struct {
		name string
		role voc.Role
		text string
		want []string
	}{
		{"signs", voc.FreeText, "遅い。なぜ？？もう嫌！", []string{"遅い。", "なぜ？？", "もう嫌！"}},
		{"lines", voc.FreeText, "対応が雑\n\n　値段が高い", []string{"対応が雑", "値段が高い"}},
		{"line broken inside", voc.FreeText, "先日購入した商品が、\n届きません。", []string{"先日購入した商品が、\n届きません。"}},
		{"list", voc.FreeText, "以下の点を\n・遅い\n・高い", []string{"以下の点を", "・遅い", "・高い"}},
		{"quotation as argument", voc.FreeText, "「もう来ない。二度と。」と言われた。", []string{"「もう来ない。二度と。」と言われた。"}},
		{"quotation alone", voc.FreeText, "「もう来ない。」店員は黙った。", []string{"「もう来ない。」", "店員は黙った。"}},
		{"report after a stop", voc.NoteText, "届かない。とのこと。", []string{"届かない。とのこと。"}},
		{"toward a word with と", voc.FreeText, "遅い。とても困る。", []string{"遅い。", "とても困る。"}},
		{"decimals and numbers", voc.FreeText, "No.3は1.5倍で10．5円。", []string{"No.3は1.5倍で10．5円。"}},
		{"brand", voc.FreeText, "Yahoo!で買った", []string{"Yahoo!で買った"}},
		{"url", voc.FreeText, "https://a.jp/?q=1!2を見た。ない。", []string{"https://a.jp/?q=1!2を見た。", "ない。"}},
		{"laugh", voc.FreeText, "困った(笑)もう一度。", []string{"困った(笑)もう一度。"}},
		{"brackets", voc.FreeText, "高い（税込。送料別。）と思う。", []string{"高い（税込。送料別。）と思う。"}},
		{"arrow in a note", voc.NoteText, "未着の件→お詫び⇒再送手配", []string{"未着の件", "→お詫び", "⇒再送手配"}},
		{"arrow elsewhere", voc.FreeText, "東京→大阪が高い", []string{"東京→大阪が高い"}},
		{"slash in a note", voc.NoteText, "返金希望／お詫び 10/3受付", []string{"返金希望", "／お詫び 10/3受付"}},
		{"heading", voc.NoteText, "【要望】交換【対応】案内済", []string{"【要望】交換", "【対応】案内済"}},
		{"English", voc.FreeText, "It broke. I want a refund. Ver. 3 works.", []string{"It broke.", "I want a refund.", "Ver. 3 works."}},
		{"nothing", voc.FreeText, " 　\n", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := record(test.role, test.text)
			if err := a.Apply(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range r.Sentences {
				got = append(got, r.Slice(s.Span))
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
			check(t, r)
		})
	}
}

// check holds what every tokenised record must hold.
func check(t *testing.T, r *voc.Record) {
	t.Helper()
	next := 0
	for i, s := range r.Sentences {
		if s.FromToken != next || s.ToToken <= s.FromToken || s.ToToken > len(r.Tokens) {
			t.Fatalf("sentence %d has tokens [%d,%d), want them from %d", i, s.FromToken, s.ToToken, next)
		}
		next = s.ToToken
		if !r.Segments[s.Segment].Span.Contains(s.Span) {
			t.Fatalf("sentence %d leaves its segment", i)
		}
		at := s.Span.From
		for _, tok := range r.Tokens[s.FromToken:s.ToToken] {
			if tok.Span.From < at || tok.Span.To <= tok.Span.From || tok.Base == "" {
				t.Fatalf("token %+v after byte %d", tok, at)
			}
			for _, c := range r.Text[at:tok.Span.From] {
				if !unicode.IsSpace(c) && !unicode.In(c, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Mn) && !strings.ContainsRune("゛゜ﾞﾟ", c) {
					t.Fatalf("%q between two tokens", r.Text[at:tok.Span.From])
				}
			}
			at = tok.Span.To
		}
		if at != s.Span.To {
			t.Fatalf("sentence %d ends at %d, its last token at %d", i, s.Span.To, at)
		}
	}
	if next != len(r.Tokens) {
		t.Fatalf("%d tokens in sentences, %d in all", next, len(r.Tokens))
	}
}

func TestApplySegments(t *testing.T) {
	a := analyzer(t)
	r := record(voc.CustomerTurn, "遅い。高い。", "", "もう結構")
	for range 2 { // applying again changes nothing
		if err := a.Apply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		check(t, r)
		var got []int
		for _, s := range r.Sentences {
			got = append(got, s.Segment)
		}
		if d := cmp.Diff([]int{0, 0, 2}, got); d != "" {
			t.Error(d)
		}
	}
}

func TestApplyErrors(t *testing.T) {
	a := analyzer(t)
	r := record(voc.FreeText, "遅い")
	r.Segments[0].Span.To = 99
	if err := a.Apply(t.Context(), r); err == nil {
		t.Error("a segment outside of the text is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Apply(ctx, record(voc.FreeText, "遅い")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// TestLong holds that size alone breaks nothing: long contacts, sentences
// without an end, rows of one character.
func TestLong(t *testing.T) {
	a := analyzer(t)
	for name, text := range map[string]string{
		"prose":      strings.Repeat("商品が届かず、問い合わせても返事がない。", 10000),
		"no end":     strings.Repeat("商品が届かず問い合わせても返事がなく", 600),
		"hiragana":   strings.Repeat("あ", 10000),
		"katakana":   strings.Repeat("ア", 10000),
		"signs":      strings.Repeat("!?-", 10000),
		"brackets":   strings.Repeat("「", 50000),
		"holders":    strings.Repeat("[カード]", 3000),
		"marks":      "か" + strings.Repeat("\u3099", 10000),
		"rtl":        strings.Repeat("\u202eשלום", 3000),
		"joined":     strings.Repeat("👩\u200d👩\u200d👧", 3000),
		"URL":        "https://" + strings.Repeat("a", 20000),
		"half kana":  strings.Repeat("ｶﾞﾊﾟ", 5000),
		"line break": strings.Repeat("が\n", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			r := record(voc.NoteText, text)
			if err := a.Apply(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			check(t, r)
			for _, tok := range r.Tokens {
				if name == "holders" && tok.POS != voc.Placeholder {
					t.Fatalf("%s is no placeholder", r.Slice(tok.Span))
				}
			}
		})
	}
}

func TestConcurrent(t *testing.T) {
	a := analyzer(t)
	want := a.Terms("何度電話してもつながらない")
	var g sync.WaitGroup
	for range 8 {
		g.Go(func() {
			for range 50 {
				if d := cmp.Diff(want, a.Terms("何度電話してもつながらない")); d != "" {
					t.Error(d)
				}
			}
		})
	}
	g.Wait()
}

func TestUserDictionaryErrors(t *testing.T) {
	head := "id\tsurface\treading\tpos\n"
	for name, rows := range map[string]string{
		"no part of speech": "a\tあれこれ\tアレコレ\t\n",
		"unknown":           "a\tあれこれ\tアレコレ\t名詞,何か\n",
		"inflects":          "a\tバグる\tバグル\t動詞,自立\n",
		"empty":             "a\t\tア\t名詞,一般\n",
		"same when folded":  "a\tＳＶ\tエスブイ\t名詞,一般\nb\tsv\tエスブイ\t名詞,一般\n",
	} {
		t.Run(name, func(t *testing.T) {
			d, err := dict.New(fstest.MapFS{"userdict.tsv": {Data: []byte(head + rows)}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := morph.New(d); err == nil || !strings.Contains(err.Error(), "userdict.tsv line") {
				t.Errorf("got %v, want an error that names the line", err)
			}
		})
	}
}

func Example() {
	d, err := dict.Load("")
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := morph.New(d)
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "ｱﾌﾟﾘが落ちた"
	for _, t := range a.Tokenize(text) {
		fmt.Println(text[t.Span.From:t.Span.To], t.Base)
	}
	// Output:
	// ｱﾌﾟﾘ アプリ
	// が が
	// 落ち 落ちる
	// た た
}

func FuzzTokenize(f *testing.F) {
	a := analyzer(f)
	for _, s := range []string{"", "届かない。「遅い。」と[電話]", "ｱｱ\u3099ー−〜!?...", "\x00\xff\u200d", "【】→／https://", "[カード", "㍿㈱①\u2028x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := record(voc.NoteText, text)
		if err := a.Apply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		check(t, r)
		a.Tokenize(text)
	})
}
