package classify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/chunk"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

func pairs(r *voc.Record) []string {
	var out []string
	for _, v := range r.Voices {
		out = append(out, string(v.Type)+"/"+string(v.Aspect))
	}
	return out
}

// TestVoices tries what the rules alone find.
func TestVoices(t *testing.T) {
	s := newRules(t)
	const (
		mail = voc.ChannelMail
		call = voc.ChannelCall
		chat = voc.ChannelChat
	)
	for _, c := range []struct {
		name string
		ch   voc.Channel
		role voc.Role
		text string
		want []string
	}{
		{"two voices in a sentence", mail, voc.FreeText, "店員さんはとても親切でしたが、駐車場が狭い。", []string{"praise/attitude", "complaint/facility"}},
		{"late parcel", mail, voc.FreeText, "注文した荷物がまだ届きません。", []string{"complaint/delivery"}},
		{"wish", mail, voc.FreeText, "駐車場を増やしてほしい。", []string{"expectation/facility"}},
		{"grievance and wish", mail, voc.FreeText, "トイレが汚い。もっと掃除してほしい。", []string{"complaint/facility", "expectation/facility"}},
		{"negated negative", mail, voc.FreeText, "特に問題ありません。", nil},
		{"not unkind", mail, voc.FreeText, "不満はありません。", nil},
		{"conceded", mail, voc.FreeText, "混んでいたので待つのは仕方ないと思います。", nil},
		{"greeting", chat, voc.CustomerTurn, "いつもお世話になっております。よろしくお願いいたします。", nil},
		{"plain question", chat, voc.CustomerTurn, "送料はいくらですか。", []string{"inquiry/price"}},
		{"routine order", chat, voc.CustomerTurn, "定期購入を解約したいのですが。", []string{"inquiry/procedure"}},
		{"order in a note", call, voc.NoteText, "住所変更のご依頼。手続き書類を送付。", []string{"inquiry/procedure"}},
		{"operator's action", call, voc.NoteText, "ご不便をおかけした旨お詫び。配送状況を確認し折り返しご連絡する旨ご案内。", nil},
		{"report in a note", call, voc.NoteText, "担当者の態度が横柄だったとのこと。上席より謝罪。", []string{"complaint/attitude"}},
		{"idiom", mail, voc.FreeText, "三つの窓口をたらい回しにされました。", []string{"complaint/coordination"}},
		{"supposed", chat, voc.CustomerTurn, "料金が高くても構いません。", nil},
		{"others' words", mail, voc.FreeText, "友人が電話がつながらないと言っていたのでメールにしました。", nil},
		{"own error", chat, voc.CustomerTurn, "荷物が届かないと思ったら、私の勘違いでした。", []string{"inquiry/delivery"}},
		{"automatic", mail, voc.FreeText, "(自動送信)お問い合わせを受け付けました。ご迷惑をおかけします。", nil},
		{"foreign matter", mail, voc.FreeText, "サンドイッチに虫が入っていました。", []string{"complaint/safety"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := one("x", c.ch, []voc.Role{c.role}, c.text)
			s.run(t, r)
			if diff := cmp.Diff(c.want, pairs(r)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.text, diff)
			}
		})
	}
}

// Every attribute of one voice.
func TestAttributes(t *testing.T) {
	s := newRules(t)
	r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, "広告に無料と書いてあったのに請求されました。返金してください。")
	s.run(t, r)
	if len(r.Voices) == 0 {
		t.Fatal("no voice found")
	}
	v := r.Voices[0]
	if v.Type != voc.Complaint || v.Prior != "mistaken" || v.PriorFrom != "advertising" || v.Fulfilment != "below" || !v.Response || v.Polarity >= 0 {
		t.Errorf("got %+v", v)
	}
	if v.Rule == "" || v.Confidence <= 0 || v.Confidence > 1 {
		t.Errorf("rule %q, confidence %v", v.Rule, v.Confidence)
	}
	if len(r.Signals) == 0 || r.Signals[0].Name != "compensation" {
		t.Errorf("signals %+v", r.Signals)
	}
}

func TestFormQuestionIsContext(t *testing.T) {
	s := newStages(t)
	roles := []voc.Role{voc.PartQuestion, voc.PartAnswer, voc.PartQuestion, voc.PartAnswer}
	r := one("x", voc.ChannelForm, roles, "不便だった点", "トイレ", "ご不満な点", "なし")
	s.run(t, r)
	if diff := cmp.Diff([]string{"complaint/facility"}, pairs(r)); diff != "" {
		t.Error(diff)
	}
}

func TestNegativeAnswers(t *testing.T) {
	s := newStages(t)
	for _, a := range []string{"特になし", "特にありません。", "なし", "無し", "とくになし", "特に無いです", "ありません", "不満はありません", "今のところ特にないです", "思いつかない", "同上"} {
		r := one("x", voc.ChannelSurvey, []voc.Role{voc.PartQuestion, voc.PartAnswer}, "ご不満な点をお書きください", a)
		s.run(t, r)
		if len(r.Voices) > 0 {
			t.Errorf("%s: %v", a, pairs(r))
		}
	}
}

func TestRisks(t *testing.T) {
	s := newRules(t)
	for _, c := range []struct{ text, want string }{
		{"対応が変わらないなら解約します。", "churn"},
		{"消費生活センターに相談します。", "legal"},
		{"この件はSNSに書きます。", "exposure"},
		{"子どもがやけどをしました。", "injury"},
		{"個人情報が漏れているのではありませんか。", "privacy"},
		{"土下座しろ。", "harassment"},
		{"何度も電話しています。", "repeat"},
		{"けがはしていません。", ""},
		{"解約はしません。", ""},
	} {
		r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, c.text)
		s.run(t, r)
		got := ""
		if len(r.Risks) > 0 {
			got = r.Risks[0].Name
		}
		if got != c.want {
			t.Errorf("%s: risk %q, want %q", c.text, got, c.want)
		}
	}
}

func TestMentions(t *testing.T) {
	s := newStages(t)
	r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, "型番はAB-1234、ロットL2301、賞味期限は2026年10月3日、JANは4901234567894です。白桃ゼリーを買いました。")
	r.Product = "白桃ゼリー"
	s.run(t, r)
	got := map[string]string{}
	for _, m := range r.Mentions {
		got[m.Kind] = m.Value
	}
	want := map[string]string{"model": "ab-1234", "lot": "l2301", "best_before": "2026年10月3日", "jan": "4901234567894", "product": "白桃ゼリー"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyTheCustomerHasVoices(t *testing.T) {
	s := newStages(t)
	r := one("x", voc.ChannelChat, []voc.Role{voc.AgentTurn, voc.BotTurn, voc.AnswerText},
		"ご不便をおかけし申し訳ございません。", "電話がつながりにくくなっております。", "配送が遅れておりました。")
	s.run(t, r)
	if len(r.Voices)+len(r.Risks)+len(r.Signals)+len(r.Unclassified) > 0 {
		t.Errorf("got %+v", r)
	}
}

func TestBrokenRecordIsAnError(t *testing.T) {
	s := newStages(t)
	r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, "荷物が届きません。")
	s.prepare(t, r)
	r.Tokens[0].Span.To = len(r.Text) + 5
	if err := s.classify.Apply(t.Context(), r); err == nil {
		t.Error("a token outside the text is no error")
	}
}

func TestStoppedByContext(t *testing.T) {
	s := newStages(t)
	r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, "荷物が届きません。")
	s.prepare(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.classify.Apply(ctx, r); err == nil {
		t.Error("no error of a stopped context")
	}
}

func FuzzClassify(f *testing.F) {
	for _, x := range []string{"荷物がまだ届きません。", "特になし", "→折電。「二度と使わない」とのこと", "a\u202eb\xff", strings.Repeat("と", 4000)} {
		f.Add(x)
	}
	s := newStages(f)
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		for _, role := range []voc.Role{voc.NoteText, voc.CustomerTurn, voc.PartAnswer} {
			r := one("x", voc.ChannelCall, []voc.Role{role}, text)
			s.run(t, r)
			for _, v := range r.Voices {
				if v.Evidence.Len() <= 0 || !inVoiced(r, v.Evidence) || !utf8.ValidString(r.Slice(v.Evidence)) || v.Confidence <= 0 || v.Confidence > 1 || v.Rule == "" {
					t.Errorf("voice %+v", v)
				}
			}
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	s := newStages(b)
	r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, strings.Repeat("先週注文した掃除機がまだ届きません。電話をしてもつながらず、メールの返事も三日来ていません。"+
		"以前お店で買ったときは店員さんがとても親切で、説明も分かりやすかったので残念です。次からは発送の日を先に知らせてほしいです。", 4))
	s.prepare(b, r)
	b.SetBytes(int64(len(r.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := s.classify.Apply(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

func Example() {
	d, err := dict.Load("")
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens, err1 := morph.New(d)
	phrases, err2 := chunk.New(d)
	c, err3 := classify.New(d)
	if err1 != nil || err2 != nil || err3 != nil {
		fmt.Println(err1, err2, err3)
		return
	}
	r := &voc.Record{ID: "mail/1", Channel: voc.ChannelMail, OccurredAt: time.Unix(0, 0), Text: "荷物がまだ届きません。次回から発送時に連絡がほしい。"}
	r.Segments = []voc.Segment{{Role: voc.FreeText, Span: voc.Span{From: 0, To: len(r.Text)}}}
	for _, stage := range []interface {
		Apply(context.Context, *voc.Record) error
	}{tokens, phrases, c} {
		if err := stage.Apply(context.Background(), r); err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, v := range r.Voices {
		fmt.Println(v.Type, v.Aspect, r.Slice(v.Evidence))
	}
	// Output:
	// complaint delivery 荷物がまだ届きません
	// expectation delivery 次回から発送時に連絡がほしい
}
