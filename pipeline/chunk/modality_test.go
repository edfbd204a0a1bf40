package chunk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/koe-voc/koe/pipeline/voc"
)

// modalityNames are in the order of the bits.
var modalityNames = []string{
	"negated", "double", "wish", "request", "suggestion", "question", "rhetorical", "condition", "hearsay", "report",
	"benefactive", "adversative", "unable", "past", "counterfactual", "concessive", "intensified", "softened", "quoted", "operator",
}

func modalities(m voc.Modality) string {
	var s []string
	for i, n := range modalityNames {
		if m.Has(1 << i) {
			s = append(s, n)
		}
	}
	return strings.Join(s, " ")
}

// clausesOf returns a line for each clause: its text, then what it is.
func (s stages) clausesOf(t *testing.T, role voc.Role, text string) []string {
	t.Helper()
	r := s.chunked(t, role, text)
	var out []string
	for _, c := range r.Clauses {
		out = append(out, strings.TrimSpace(r.Slice(c.Span)+": "+modalities(c.Modality)))
	}
	return out
}

func TestModality(t *testing.T) {
	tests := []struct{ text, want string }{
		// Negation.
		{"荷物が届かない。", "negated"},
		{"連絡がありません。", "negated"},
		{"返信なし", "negated"},
		{"特に問題無し", "negated"},
		{"味は悪くはない。", "negated"},
		{"知らずに買った。", "past"},
		{"特になし", "negated"},
		{"良さがない。", "negated"},
		{"必ず行かなければならない。", ""},
		{"提出しないといけない。", ""},
		{"壊れたのかもしれない。", "past"},
		{"混雑は仕方ない。", "concessive"},
		{"こんなに待たされるとは思わなかった。", "adversative past intensified"},
		// Twice.
		{"使えないことはない。", "double"},
		{"おいしくなくはない。", "double"},
		{"分からないわけではない。", "double"},
		// Wishes.
		{"早く直してほしい。", "wish"},
		{"もっと安くしていただきたいです。", "wish"},
		{"返金を希望します。", "wish"},
		{"説明を求めます。", "wish"},
		{"連絡をもらえると助かります。", "wish"},
		{"夜も開いていれば嬉しい。", "wish"},
		{"対応してもらいたかった。", "wish past"},
		{"夜間も予約できないでしょうか。", "wish question"},
		{"もう少し安くなりませんか。", "wish question"},
		{"もっと便を増やせないものか。", "wish question"},
		{"なぜ予約できないのでしょうか。", "negated question unable"},
		// Requests.
		{"すぐに送ってください。", "request"},
		{"交換してもらえますか。", "request"},
		{"見ていただけないでしょうか。", "request"},
		{"対応してくれませんか？", "request"},
		{"返品をお願いします。", "request"},
		{"電話に出ろ。", "request"},
		{"早く直せ！", "request"},
		{"もうやめてくれ", "request"},
		{"二度と送るな。", "request intensified"},
		{"返品をお願いしたのに", "past concessive"},
		// Suggestions.
		{"先に知らせるべきです。", "suggestion"},
		{"表示を大きくしたほうがいい。", "suggestion"},
		{"駐車場があれば便利です。", "suggestion"},
		{"夜も電話できるとよい。", "suggestion"},
		{"受付時間を延ばしたらどうですか。", "suggestion question"},
		{"図があると分かりやすい。", "suggestion"},
		// What should have been.
		{"先に知らせるべきだった。", "suggestion past counterfactual"},
		{"予約しておけばよかった。", "past counterfactual"},
		{"教えてくれればよかったのに。", "past counterfactual"},
		{"もう少し安ければいいのに。", "counterfactual"},
		// Questions.
		{"いつ届きますか。", "question"},
		{"返品できるの？", "question"},
		{"なぜ高いのでしょうか。", "question"},
		{"使い方を教えてください。", "request question"},
		{"どこに連絡すればいいですか。", "question"},
		{"故障ではないでしょうか。", "question"},
		{"この機種は使えないのではないか。", "negated question unable"},
		{"態度がひどいんじゃないかと思う。", ""},
		{"料金を知りたいです。", "wish question"},
		{"話を聞いてほしい。", "wish"},
		{"何度も電話したんです。", "past intensified"},
		// Questions that blame.
		{"御社の管理はどうなっているんですか。", "question rhetorical"},
		{"何を考えているのか。", "question rhetorical"},
		{"誰が責任を取るんですか！", "question rhetorical"},
		{"いい加減にしろ。", "request rhetorical"},
		// Conditions.
		{"サイズが合わなかったら", "negated condition"},
		{"電話をかけると", ""},
		{"無料なら", "condition"},
		// Hearsay.
		{"返品はできないそうです。", "negated hearsay unable"},
		{"来月で終わるらしい。", "hearsay"},
		{"無料だと聞いた。", "hearsay past"},
		{"友人がおいしいと言っていた。", "hearsay past"},
		{"今にも壊れそうだ。", ""},
		// Favours.
		{"親切に教えてくれました。", "benefactive past"},
		{"すぐに交換していただいた。", "benefactive past"},
		{"何もしてくれない。", "negated benefactive"},
		{"説明してもらえなかった。", "negated benefactive unable past"},
		// Harm.
		{"画面が割れてしまった。", "adversative past"},
		{"データが消えちゃった。", "adversative past"},
		{"長く待たされた。", "adversative past"},
		{"何も連絡されない。", "negated"},
		// Inability.
		{"ログインができない。", "negated unable"},
		{"クーポンが使えません。", "negated unable"},
		{"一人では食べれない。", "negated unable"},
		{"予約が取れない。", "negated unable"},
		{"納得しかねる。", "unable"},
		{"キャンセル不可。", "unable"},
		// Strength.
		{"とてもおいしい。", "intensified"},
		{"値段が高すぎる。", "intensified"},
		{"二度と行かない。", "negated intensified"},
		{"少し甘い。", "softened"},
		{"味はまあまあです。", "softened"},
		// Concession.
		{"値段は高いけど", "concessive"},
		{"せっかく行ったのに", "past concessive"},
		{"多少高くても", "concessive softened"},
	}
	s := newStages(t)
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got := s.clausesOf(t, voc.FreeText, test.text)
			want := []string{strings.TrimSpace(test.text + ": " + test.want)}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestClauses(t *testing.T) {
	tests := []struct {
		name string
		role voc.Role
		text string
		want []string
	}{
		{"が", voc.FreeText, "対応は丁寧だったが待ち時間が長い。", []string{"対応は丁寧だったが: past concessive", "待ち時間が長い。:"}},
		{"ので", voc.FreeText, "操作が難しいので説明書を付けてほしい。", []string{"操作が難しいので:", "説明書を付けてほしい。: wish"}},
		{"て with a subject of its own", voc.FreeText, "箱がつぶれて中身が割れていました。", []string{"箱がつぶれて:", "中身が割れていました。: past"}},
		{"て without", voc.FreeText, "電話して確認しました。", []string{"電話して確認しました。: past"}},
		{"broken off", voc.FreeText, "返事が遅く、説明もない。", []string{"返事が遅く、:", "説明もない。: negated"}},
		{"one thing after the other", voc.FreeText, "店に行ったら閉まっていた。", []string{"店に行ったら:", "閉まっていた。: past"}},
		{"closed before a comma", voc.NoteText, "担当を替えてほしい、対応が遅い。", []string{"担当を替えてほしい、: wish", "対応が遅い。:"}},
		{"a remark in brackets", voc.FreeText, "足が弱っています（手帳あり）。", []string{"足が弱っています（手帳あり）。:"}},
		{"ず", voc.FreeText, "番号が分からず困った。", []string{"番号が分からず: negated", "困った。: past"}},
		{"list", voc.FreeText, "通路が狭い・案内が少ない", []string{"通路が狭い:", "・案内が少ない:"}},
		{"ため", voc.FreeText, "在庫がなかったため別の店に行った。", []string{"在庫がなかったため: negated past", "別の店に行った。: past"}},
		{"たら", voc.FreeText, "サイズが合わなかったら返品できますか。", []string{"サイズが合わなかったら: negated condition", "返品できますか。: question"}},
		{"たら and regret", voc.FreeText, "早く言ってくれたら間に合ったのに。", []string{"早く言ってくれたら: condition counterfactual", "間に合ったのに。: past counterfactual"}},
		{"speech without stops", voc.CustomerTurn, "届かないんです何度も電話したんです", []string{"届かないんです: negated", "何度も電話したんです: past intensified"}},
		{"manner of saying", voc.FreeText, "説明が足りないと思います。", []string{"説明が足りないと思います。: negated"}},
		{"quotation alone", voc.FreeText, "「在庫がない」と言われた。", []string{"「在庫がない」と: negated hearsay quoted", "言われた。: adversative past"}},
		{
			"quotation inside", voc.FreeText, "店員に「在庫がない。諦めろ」と言われた。",
			[]string{"「在庫がない。: negated hearsay quoted", "諦めろ」と: request hearsay quoted", "店員に「在庫がない。諦めろ」と言われた。: adversative past"},
		},
		{"a word in quotation marks", voc.FreeText, "画面に「準備中」と出たままです。", []string{"画面に「準備中」と出たままです。: past"}},
		{"said to be free", voc.FreeText, "無料だと言われたのに請求された。", []string{"無料だと: hearsay", "言われたのに: adversative past concessive", "請求された。: adversative past"}},
		{"told", voc.FreeText, "使えないと説明された。", []string{"使えないと: negated hearsay unable", "説明された。: adversative past"}},
		{"refused", voc.FreeText, "対応できないと断られた。", []string{"対応できないと: negated hearsay unable", "断られた。: adversative past"}},

		{"report", voc.NoteText, "返金してほしいとのこと。", []string{"返金してほしいとのこと。: wish report"}},
		{"report by a noun", voc.NoteText, "電話がつながらないとのお申し出。", []string{"電話がつながらないとのお申し出。: negated report"}},
		{"report by と", voc.NoteText, "説明が分かりにくいと。", []string{"説明が分かりにくいと。: report"}},
		{"report by a verb", voc.NoteText, "もう買わないと仰る。", []string{"もう買わないと仰る。: negated report"}},
		{"report of a quotation", voc.NoteText, "「もう買わない」とのこと。", []string{"「もう買わない」とのこと。: negated report quoted"}},
		{"what is felt", voc.NoteText, "商品未着、ご立腹。", []string{"商品未着、:", "ご立腹。: report"}},
		{"what is wished", voc.NoteText, "解約をご希望。", []string{"解約をご希望。: wish report"}},
		{"seen by the operator", voc.NoteText, "料金が高いと感じている様子", []string{"料金が高いと感じている様子: report"}},
		{"apology", voc.NoteText, "お詫びし、再送手配。", []string{"お詫びし、: operator", "再送手配。: operator"}},
		{"done", voc.NoteText, "手続き方法をご案内済み", []string{"手続き方法をご案内済み: operator"}},
		{"planned", voc.NoteText, "SVより折TEL予定", []string{"SVより折TEL予定: operator"}},
		{"humble", voc.NoteText, "返金手続きいたしました。", []string{"返金手続きいたしました。: past operator"}},
		{"explained in vain", voc.NoteText, "規定をご説明するもご納得されず。", []string{"規定をご説明するも: concessive operator", "ご納得されず。: negated report"}},
		{"asked elsewhere", voc.NoteText, "配送業者へ確認依頼。", []string{"配送業者へ確認依頼。: request operator"}},
		{"arrow", voc.NoteText, "届いていない→返金手続き", []string{"届いていない: negated", "→返金手続き: operator"}},
		{"not the operator: a complaint of an explanation", voc.NoteText, "説明がない。", []string{"説明がない。: negated"}},
		{"not the operator: wished for", voc.NoteText, "謝罪希望。", []string{"謝罪希望。: wish report"}},
		{"not the operator: a form", voc.FreeText, "謝罪。", []string{"謝罪。:"}},
	}
	s := newStages(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var want []string
			for _, w := range test.want {
				want = append(want, strings.TrimSpace(w))
			}
			if d := cmp.Diff(want, s.clausesOf(t, test.role, test.text)); d != "" {
				t.Error(d)
			}
		})
	}
}
