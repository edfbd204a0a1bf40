package weekly

import (
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/koe-voc/koe/pipeline/voc"
)

// date writes a day as people write it.
func date(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return fmt.Sprintf("%d年%d月%d日（%s）", t.Year(), int(t.Month()), t.Day(), [...]string{"日", "月", "火", "水", "木", "金", "土"}[t.Weekday()])
}

// notes are what a reader must know before comparing.
func (r *Report) notes() (out []string) {
	if r.Partial {
		out = append(out, "この週はまだ終わっていません。途中までの件数です。")
	}
	if r.Break {
		out = append(out, "比較する5週の間に定義の版が変わっています。増減は定義の変更による場合があります（「定義」シート参照）。")
	}
	if r.Summary.Contacts.Now == 0 {
		out = append(out, "この週の応対はありません。")
	}
	if r.Withheld > 0 {
		out = append(out, fmt.Sprintf("健康被害・漏えい・配慮を要する方に関わる引用 %d 件は載せていません。", r.Withheld))
	}
	if r.Folded > 0 {
		out = append(out, fmt.Sprintf("%d 応対に満たない話題 %d 件は「その他」にまとめています。", r.Options.MinContacts, r.Folded))
	}
	return out
}

func (r *Report) summarySheet(s *sheet) {
	s.put([]look{title}, fmt.Sprintf("週次話題レポート %d年第%d週", r.Week.Year, r.Week.Number))
	s.put([]look{note}, date(r.From)+"〜"+date(r.To))
	for _, n := range r.notes() {
		s.put([]look{warning}, n)
	}
	s.skip()
	r.figures(s)
	r.topTen(s)
	r.aspectTable(s)
	r.productTable(s)
	r.namedTable(s, "リスク（応対件数）", r.Risks, func(id string) string { return r.labels.risks[id] })
	r.namedTable(s, "チャネル別（応対件数）", r.Channels, func(id string) string { return r.labels.channel(voc.Channel(id)) })
}

func (r *Report) figures(s *sheet) {
	s.put([]look{heading}, "主な指標")
	s.heads("指標", "今週", "前週", "前4週平均", "増減（対平均）", "増減率")
	for _, f := range []struct {
		name string
		Count
	}{
		{"応対件数", r.Summary.Contacts},
		{"声のある応対件数", r.Summary.Voiced},
		{"声の数", r.Summary.Voices},
		{r.labels.typ(voc.Complaint) + "の応対件数", r.Summary.Complaints},
		{r.labels.typ(voc.Expectation) + "の応対件数", r.Summary.Expectations},
		{r.labels.typ(voc.Praise) + "の応対件数", r.Summary.Praises},
		{r.labels.typ(voc.Inquiry) + "の応対件数", r.Summary.Inquiries},
	} {
		s.put([]look{plain, count, count, mean, change, ratio}, f.name, f.Now, integer(f.Last), number(f.Mean), number(f.Change()), number(f.Ratio()))
	}
	p, u := r.Summary.ComplaintsPM, r.Summary.Unclassified
	s.put([]look{plain, mean}, r.labels.typ(voc.Complaint)+"（1,000応対あたり）", number(p.Now), number(p.Last), number(p.Mean))
	s.put([]look{plain, share}, "未分類率", number(u.Now), number(u.Last), number(u.Mean))
	s.skip()
}

func (r *Report) topTen(s *sheet) {
	s.put([]look{heading}, "話題の上位10")
	s.heads("話題", "応対件数", "前週", "前4週平均", "増減（対平均）", "新規", "商品")
	from := s.row
	for i := range r.Topics[:min(10, len(r.Topics))] {
		t := &r.Topics[i]
		mark := ""
		if t.New {
			mark = "新規"
		}
		s.put([]look{plain, count, count, mean, change, plain}, t.Label, t.Now, integer(t.Last), number(t.Mean), number(t.Change()), mark, r.labels.product(t.Product))
	}
	s.bars(2, from, s.row-1, "9BC2E6")
	if len(r.Topics) == 0 {
		s.put([]look{plain}, "この週の話題はありません。")
	}
	s.skip()
}

func (r *Report) aspectTable(s *sheet) {
	s.put([]look{heading}, "種別×観点（応対件数。1応対が複数に数えられるため、合計は応対件数と一致しません）")
	top := s.row
	s.heads("観点", r.labels.typ(voc.Complaint), "同 前4週平均", "同 増減", r.labels.typ(voc.Expectation), r.labels.typ(voc.Praise), r.labels.typ(voc.Inquiry))
	for _, a := range r.Aspects {
		c := a.Complaints
		s.put([]look{plain, count, mean, change, count}, r.labels.aspect(a.Aspect), c.Now, number(c.Mean), number(c.Change()), a.Expectations.Now, a.Praises.Now, a.Inquiries.Now)
	}
	s.bars(2, top+1, s.row-1, "F4B183")
	s.chart(top, s.row-1, r.labels.typ(voc.Complaint)+"の応対件数（観点別）")
	s.skip()
}

// chart draws complaints by aspect against their mean, beside the figures.
func (s *sheet) chart(top, last int, name string) {
	at := func(col string) string { return fmt.Sprintf("'%s'!$%s$%d:$%s$%d", s.name, col, top+1, col, last) }
	black := excelize.Font{Color: "404040", Size: 9, Family: font} // pale grey by default
	s.do(s.f.AddChart(s.name, "J4", &excelize.Chart{
		Type: excelize.Bar,
		Series: []excelize.ChartSeries{
			{Name: "今週", Categories: at("A"), Values: at("B"), Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"ED7D31"}}},
			{Name: "前4週平均", Categories: at("A"), Values: at("C"), Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"BFBFBF"}}},
		},
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: name, Font: &excelize.Font{Bold: true, Size: 11, Family: font, Color: "404040"}}}},
		Legend:    excelize.ChartLegend{Position: "bottom", Font: &black},
		XAxis:     excelize.ChartAxis{ReverseOrder: true, Font: black}, // the first aspect on top
		YAxis:     excelize.ChartAxis{Font: black, MajorGridLines: true},
		Dimension: excelize.ChartDimension{Width: 620, Height: 520},
	}))
}

func (r *Report) productTable(s *sheet) {
	s.put([]look{heading}, "商品別（応対件数）")
	complaint := r.labels.typ(voc.Complaint)
	s.heads("商品", "応対件数", "前4週平均", complaint, r.labels.typ(voc.Expectation), r.labels.typ(voc.Praise), r.labels.typ(voc.Inquiry), complaint+"（1,000応対あたり）")
	from := s.row
	for _, p := range r.Products {
		s.put([]look{plain, count, mean, count, count, count, count, mean}, r.labels.product(p.Product), p.Now, number(p.Mean), p.Complaints, p.Expectations, p.Praises, p.Inquiries, number(p.ComplaintsPM.Now))
	}
	s.bars(2, from, s.row-1, "9BC2E6")
	s.skip()
}

func (r *Report) namedTable(s *sheet, name string, rows []Named, label func(string) string) {
	s.put([]look{heading}, name)
	s.heads("", "今週", "前週", "前4週平均", "増減（対平均）")
	for _, n := range rows {
		s.put([]look{plain, count, count, mean, change}, label(n.ID), n.Now, integer(n.Last), number(n.Mean), number(n.Change()))
	}
	s.skip()
}
