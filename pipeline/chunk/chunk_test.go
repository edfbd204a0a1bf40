package chunk_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/chunk"
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

func chunker(t testing.TB) *chunk.Chunker {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := chunk.New(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stages is what turns text into clauses.
type stages struct {
	morph *morph.Analyzer
	chunk *chunk.Chunker
}

func newStages(t testing.TB) stages {
	t.Helper()
	return stages{analyzer(t), chunker(t)}
}

// chunked returns a record of one segment, tokenised and chunked.
func (s stages) chunked(t testing.TB, role voc.Role, text string) *voc.Record {
	t.Helper()
	r := record(role, text)
	if err := s.morph.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := s.chunk.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	check(t, r)
	return r
}

func record(role voc.Role, text string) *voc.Record {
	return &voc.Record{ID: "t/1", Text: text, Segments: []voc.Segment{{Role: role, Span: voc.Span{To: len(text)}}}}
}

func surface(r *voc.Record, b int) string {
	bs := r.Bunsetsu[b]
	return r.Text[r.Tokens[bs.FromToken].Span.From:r.Tokens[bs.ToToken-1].Span.To]
}

// check holds what every chunked record must hold.
func check(t testing.TB, r *voc.Record) {
	t.Helper()
	next := 0
	for i, b := range r.Bunsetsu {
		s := r.Sentences[b.Sentence]
		if b.FromToken != next || b.ToToken <= b.FromToken || b.FromToken < s.FromToken || b.ToToken > s.ToToken {
			t.Fatalf("bunsetsu %d %+v, want it from token %d inside of %+v", i, b, next, s)
		}
		next = b.ToToken
		if b.Head < -1 || b.Head >= b.ToToken || b.Head >= 0 && b.Head < b.FromToken || b.Func < b.FromToken || b.Func > b.ToToken {
			t.Fatalf("bunsetsu %d: head %d, function words from %d", i, b.Head, b.Func)
		}
		last := i+1 == len(r.Bunsetsu) || r.Bunsetsu[i+1].Sentence != b.Sentence
		if last != (b.Link == -1) || !last && (b.Link <= i || b.Link >= len(r.Bunsetsu) || r.Bunsetsu[b.Link].Sentence != b.Sentence) {
			t.Fatalf("bunsetsu %d depends on %d", i, b.Link)
		}
	}
	if next != len(r.Tokens) {
		t.Fatalf("bunsetsu cover %d of %d tokens", next, len(r.Tokens))
	}
	covered := make([]bool, len(r.Tokens))
	for i, c := range r.Clauses {
		if c.ToToken <= c.FromToken || c.Span.From != r.Tokens[c.FromToken].Span.From || c.Span.To != r.Tokens[c.ToToken-1].Span.To {
			t.Fatalf("clause %d: %+v", i, c)
		}
		for k := c.FromToken; k < c.ToToken; k++ {
			covered[k] = true
		}
		if c.Predicate >= 0 {
			if b := r.Bunsetsu[c.Predicate]; b.FromToken < c.FromToken || b.ToToken > c.ToToken {
				t.Fatalf("clause %d: predicate outside", i)
			}
		}
		for _, a := range c.Args {
			if b := r.Bunsetsu[a.Bunsetsu]; b.FromToken < c.FromToken || b.ToToken > c.ToToken || a.Bunsetsu == c.Predicate {
				t.Fatalf("clause %d: argument outside", i)
			}
		}
		if i > 0 && r.Clauses[i-1].ToToken > c.ToToken {
			t.Fatalf("clause %d ends before the one before it", i)
		}
	}
	for k, ok := range covered {
		if !ok {
			t.Fatalf("token %d is in no clause", k)
		}
	}
}

func TestBunsetsu(t *testing.T) {
	tests := map[string]string{
		"何度電話してもつながりません。":   "何度|電話しても|つながりません。",
		"担当者からの折り返し連絡がない":   "担当者からの|折り返し連絡が|ない",
		"お待ちいただくことになりました":   "お待ちいただく|ことに|なりました",
		"[氏名]様へ再送手配":        "[氏名]様へ|再送手配",
		"届いたのは昨日でした":        "届いたのは|昨日でした",
		"食べられるようになってほしい":    "食べられるように|なってほしい",
		"商品未着　返金希望":         "商品未着|返金希望",
		"「遅い」と言われた":         "「遅い」と|言われた",
		"Wi-Fiとe-mailが使えない": "Wi-Fiと|e-mailが|使えない",
		"はっきり説明してくれない":      "はっきり|説明してくれない",
		"3回電話した":            "3回|電話した",
		"高いかもしれない":          "高いかもしれない",
		"深夜料金がかかるとは知らなかった":  "深夜料金が|かかるとは|知らなかった",
	}
	s := newStages(t)
	for text, want := range tests {
		r := s.chunked(t, voc.FreeText, text)
		var got []string
		for i := range r.Bunsetsu {
			got = append(got, surface(r, i))
		}
		if g := strings.Join(got, "|"); g != want {
			t.Errorf("got  %s\nwant %s", g, want)
		}
	}
}

func TestLinks(t *testing.T) {
	tests := map[string]string{
		"先月買った掃除機が動かない":     "先月→買った 買った→掃除機が 掃除機が→動かない",
		"店員の説明はとても丁寧だった":    "店員の→説明は 説明は→丁寧だった とても→丁寧だった",
		"箱がつぶれて、中身が割れていた":   "箱が→つぶれて、 つぶれて、→割れていた 中身が→割れていた",
		"高い評価を受けた店の料理がまずい":  "高い→評価を 評価を→受けた 受けた→店の 店の→料理が 料理が→まずい",
		"音は静かだが吸引力が弱いと思います": "音は→静かだが 静かだが→弱いと 吸引力が→弱いと 弱いと→思います",
	}
	s := newStages(t)
	for text, want := range tests {
		r := s.chunked(t, voc.FreeText, text)
		var got []string
		for i, b := range r.Bunsetsu {
			if b.Link >= 0 {
				got = append(got, surface(r, i)+"→"+surface(r, b.Link))
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("got  %s\nwant %s", g, want)
		}
	}
}

func TestArguments(t *testing.T) {
	tests := []struct {
		role       voc.Role
		text, want string
	}{
		{voc.FreeText, "配達員が荷物を玄関に投げた。", "投げた。 < 配達員が/が 荷物を/を 玄関に/に"},
		{voc.FreeText, "アプリは重くて使えない。", "使えない。 < アプリは/は"},
		{voc.FreeText, "電話つながらない", "つながらない < 電話/"},
		{voc.FreeText, "画面が見やすいと助かります。", "見やすいと < 画面が/が"},
		{voc.FreeText, "予約を取ることができない。", "取る < 予約を/を"},
		{voc.FreeText, "担当者から連絡があるとよい。", "あると < 担当者から/から 連絡が/が"},
		{voc.NoteText, "商品の破損。", "- < 商品の/の"},
		{voc.NoteText, "次回から置き配にしてほしいとご要望あり。", "してほしいと < 次回から/から 置き配に/に"},
		{voc.NoteText, "消費者センターに相談するとのご意向。", "相談するとの < 消費者センターに/に"},
	}
	s := newStages(t)
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			r := s.chunked(t, test.role, test.text)
			var got []string
			for _, c := range r.Clauses {
				line := "-"
				if c.Predicate >= 0 {
					line = surface(r, c.Predicate)
				}
				line += " <"
				for _, a := range c.Args {
					line += " " + surface(r, a.Bunsetsu) + "/" + a.Particle
				}
				got = append(got, line)
			}
			if d := cmp.Diff([]string{test.want}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestApplyTwice(t *testing.T) {
	r := newStages(t).chunked(t, voc.NoteText, "届かない。→お詫び。「遅い」とのこと。")
	bunsetsu, clauses := fmt.Sprint(r.Bunsetsu), fmt.Sprint(r.Clauses)
	if err := chunker(t).Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(r.Bunsetsu) != bunsetsu || fmt.Sprint(r.Clauses) != clauses {
		t.Error("chunking a record again changes it")
	}
}

func TestErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := chunker(t).Apply(ctx, record(voc.FreeText, "遅い")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	for name, table := range map[string]string{
		"kind":  "id\tkind\twords\nx\tnone\tとても\n",
		"words": "id\tkind\twords\nx\tsoftener\t\n",
	} {
		d, err := dict.New(fstest.MapFS{"chunk_cues.tsv": {Data: []byte(table)}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := chunk.New(d); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%s: got %v, want an error that names the line", name, err)
		}
	}
}

// TestLong holds that size alone breaks nothing and that time stays linear.
func TestLong(t *testing.T) {
	a, c := analyzer(t), chunker(t)
	for name, text := range map[string]string{
		"prose":    strings.Repeat("商品が届かず、問い合わせても返事がないので、「もう買わない」と言った。", 6000),
		"no end":   strings.Repeat("商品が届かず問い合わせても返事がなく", 600),
		"quotes":   strings.Repeat("「あ", 20000),
		"closings": strings.Repeat("あ」と", 20000),
		"particle": strings.Repeat("のがをに", 10000),
		"nouns":    strings.Repeat("商品", 10000),
		"adnouns":  strings.Repeat("この", 10000),
	} {
		t.Run(name, func(t *testing.T) {
			r := record(voc.NoteText, text)
			if err := a.Apply(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if err := c.Apply(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			check(t, r)
		})
	}
}

func Example() {
	d, err := dict.Load("")
	if err != nil {
		fmt.Println(err)
		return
	}
	words, err := morph.New(d)
	if err != nil {
		fmt.Println(err)
		return
	}
	chunks, err := chunk.New(d)
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "対応は丁寧だったが、電話がつながらない。"
	r := &voc.Record{Text: text, Segments: []voc.Segment{{Role: voc.FreeText, Span: voc.Span{To: len(text)}}}}
	if err := words.Apply(context.Background(), r); err != nil {
		fmt.Println(err)
	}
	if err := chunks.Apply(context.Background(), r); err != nil {
		fmt.Println(err)
	}
	for _, c := range r.Clauses {
		fmt.Println(r.Slice(c.Span), c.Modality.Has(voc.Negated))
	}
	// Output:
	// 対応は丁寧だったが、 false
	// 電話がつながらない。 true
}

func FuzzChunk(f *testing.F) {
	a, c := analyzer(f), chunker(f)
	for _, s := range []string{"", "「遅い。」と「言われ「た", "とのこと。→お詫び", "ないない」ばよいと、", "[氏名]様、※（が）", "たらどうか", "のでないかも", "な。よい」もばよいと、", "おの㉓と。→㆒と"} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, note bool) {
		role := voc.FreeText
		if note {
			role = voc.NoteText
		}
		r := record(role, text)
		if err := a.Apply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := c.Apply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		check(t, r)
	})
}

func BenchmarkChunk(b *testing.B) {
	r := record(voc.NoteText, "先週注文した加湿器がまだ届かないとのこと。何度電話してもつながらず、チャットでは折り返すと言われたのに連絡がないとご立腹。"+
		"→お詫びの上、配送業者へ確認依頼。本日中にSVより折TEL予定。「次は他で買う」と仰る。\n急いでいるので発送日だけでも教えてほしい。")
	if err := analyzer(b).Apply(b.Context(), r); err != nil {
		b.Fatal(err)
	}
	c := chunker(b)
	b.SetBytes(int64(len(r.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Apply(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// TestQuotationInTheFirstClause: the clause around a quotation begins the text
// and has nothing before it but what lies inside of it.
func TestQuotationInTheFirstClause(t *testing.T) {
	r := newStages(t).chunked(t, voc.NoteText, "窓口で「若いんだから働けば」と笑われた。")
	if len(r.Clauses) < 2 {
		t.Errorf("%d clauses, want the quotation's and the one around it", len(r.Clauses))
	}
}
