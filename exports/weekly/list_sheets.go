package weekly

import (
	"fmt"
	"strings"

	"github.com/koe-voc/koe/pipeline/classify"
)

func (r *Report) topicSheet(s *sheet) {
	names := append(topicHead(), "代表の声")
	s.heads(names...)
	looks := []look{count, plain, plain, plain, plain, wrapped, count, share, count, mean, change, ratio, count, plain, plain, wrapped}
	for i := range r.Topics {
		t := &r.Topics[i]
		said := ""
		if len(t.Quotes) > 0 {
			said = t.Quotes[0].Text
		}
		s.put(looks, append(r.topicCells(t), said)...)
	}
	s.bars(7, 2, s.row-1, "9BC2E6")
	s.filter(len(names), 1, s.row-1)
	s.freeze(7, 2)
}

func (r *Report) quoteSheet(s *sheet) {
	names := []string{"順位", "商品", "種別", "観点", "話題の語", "引用", "記録ID", "チャネル", "日付", "規則"}
	s.heads(names...)
	for i := range r.Topics {
		t := &r.Topics[i]
		for _, q := range t.Quotes {
			s.put([]look{count, plain, plain, plain, plain, wrapped, plain}, t.Rank, r.labels.product(t.Product), r.labels.typ(t.Type), r.labels.aspect(t.Aspect), t.Target,
				q.Text, q.RecordID, r.labels.channel(q.Channel), q.Day, q.Rule)
		}
	}
	s.filter(len(names), 1, s.row-1)
	s.freeze(6, 2)
}

// counting says what the figures mean.
func (r *Report) counting() [][2]string {
	o := r.Options
	quotes := "載せていません"
	if o.Sensitive {
		quotes = "載せています。取り扱いに注意してください"
	}
	rows := [][2]string{
		{"期間", date(r.From) + "から" + date(r.To) + "まで（" + r.Zone + "の日付、ISO 8601の週）"},
		{"応対件数", "応対（1件の電話、チャット、メールなど）の数。同じ応対の同じ話題は1件と数えます"},
		{"声の数", "お客様の発言のうち、種別と観点が付いたものの数。1応対に複数あり得ます"},
		{"話題", "商品・種別・観点・話題の語の組。語がないときは観点で呼びます"},
		{"構成比", "その話題の応対件数÷その週の全応対件数。1応対が複数の話題を持つため、足しても100%になりません"},
		{"前4週平均", "直前の4週のうち応対のある週の平均。率は4週をまとめて計算します。空欄は比べる週がないことを示します"},
		{"初出日", fmt.Sprintf("直前の%d週までさかのぼって最初に現れた日。「以前」はデータの最初の週から現れているもの", o.History)},
		{"新規", "さかのぼった範囲で、この週に初めて現れた話題"},
		{"未分類率", "種別か観点を決められなかった箇所のある応対÷声または未分類の箇所のある応対"},
		{"引用", fmt.Sprintf("個人情報を伏せた文の一部。話題ごとに別々の応対から%d件まで。健康被害・漏えい・配慮を要する方の応対は%s", o.Quotes, quotes)},
	}
	if o.MinContacts > 1 {
		rows = append(rows, [2]string{others, fmt.Sprintf("%d応対に満たない話題と商品をまとめたもの", o.MinContacts)})
	}
	return rows
}

func (r *Report) termSheet(s *sheet) {
	s.heads("区分", "項目", "説明")
	looks := []look{plain, wrapped, wrapped}
	for _, c := range r.counting() {
		s.put(looks, "数え方", c[0], c[1])
	}
	for _, d := range r.Definitions {
		weeks := make([]string, len(d.Contacts))
		for i, n := range d.Contacts {
			weeks[i] = fmt.Sprint(n)
		}
		s.put(looks, "定義の版", d.Version, "応対件数（今週、前週、…4週前）: "+strings.Join(weeks, ", "))
	}
	terms := func(kind string, list []classify.Term) {
		for _, t := range list {
			s.put(looks, kind, t.Label, t.Definition)
		}
	}
	terms("種別", r.labels.taxonomy.Types)
	for _, a := range r.labels.taxonomy.Aspects {
		s.put(looks, "観点", a.Label, a.Definition)
	}
	terms("リスク", r.labels.taxonomy.Risks)
	s.freeze(1, 2)
}
