package decode

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
	"gopkg.in/yaml.v3"
)

// chooseLabels finds the fields that hold names and figures.
func (p *proposal) chooseLabels() {
	for _, f := range []struct {
		field string
		fits  func(c *columnFacts) bool
		words []string
	}{
		{"nps", func(c *columnFacts) bool { return c.whole(0, 10) }, []string{"nps", "推奨", "お勧め", "おすすめ"}},
		{"csat", func(c *columnFacts) bool { return c.whole(1, 5) }, []string{"csat", "満足", "評価"}},
		{"customer_key", nil, []string{"顧客番号", "顧客id", "顧客コード", "会員番号", "会員id", "customer id", "customer_id", "userid", "user id"}},
		{"thread_id", nil, []string{"案件", "親コール", "親チケット", "parent", "thread", "スレッド", "チケット番号", "ケース番号"}},
		{"product", nil, []string{"商品名", "製品名", "商品", "製品", "品名", "機種", "product"}},
		{"lot", nil, []string{"ロット", "製造番号", "lot"}},
		{"shop", nil, []string{"店舗", "店名", "支店", "shop", "store"}},
		{"queue", nil, []string{"窓口", "キュー", "queue", "受信箱", "部署", "チーム"}},
		{"agent_key", nil, []string{"担当者", "対応者", "オペレータ", "担当", "agent", "operator"}},
		{"disposition", nil, []string{"ステータス", "完了区分", "対応結果", "状態", "処理結果", "status"}},
	} {
		for _, c := range p.free() {
			if c.worded() || !c.named(f.words...) || len(c.values) == 0 {
				continue
			}
			if rating := c.named("満足", "評価", "理由"); f.fits != nil && !f.fits(&c) || f.fits == nil && rating {
				continue
			}
			if p.take(c, f.field) {
				p.single[f.field] = c
				break
			}
		}
	}
	for _, c := range p.free() {
		switch {
		case c.worded():
		case c.named("大分類", "中分類", "小分類", "カテゴリ", "category", "分類", "区分", "ラベル", "label"):
			p.take(c, "categories")
			if n := len(p.paths); n > 0 && level(c) && level(p.paths[n-1][0]) {
				p.paths[n-1] = append(p.paths[n-1], c)
			} else {
				p.paths = append(p.paths, []columnFacts{c})
			}
		case handlingField(c) != "" && c.whole(0, maxSeconds):
			if !slices.ContainsFunc(p.handling, func(o columnFacts) bool { return handlingField(o) == handlingField(c) }) {
				p.take(c, "handling")
				p.handling = append(p.handling, c)
			}
		}
	}
}

// level tells a column that is one step of a path: 大分類, category2.
func level(c columnFacts) bool {
	return c.named("大分類", "中分類", "小分類") || c.header != "" && strings.ContainsAny(c.header[len(c.header)-1:], "0123456789")
}

// handlingField is the metric that a column of seconds holds by its header.
func handlingField(c columnFacts) string {
	switch {
	case c.named("待ち", "待機", "応答時間", "wait"):
		return "wait_seconds"
	case c.named("保留", "hold"):
		return "hold_seconds"
	case c.named("後処理", "acw", "after"):
		return "after_call_seconds"
	case c.named("転送回数", "transfer"):
		return "transfers"
	case c.named("通話時間", "通話秒", "talk", "応対時間", "duration"):
		return "talk_seconds"
	}
	return ""
}

// chooseWords shares the columns of words out: the operator's note, what was
// replied, the customer's own. Several of the customer's that are questions are
// the parts of a survey.
func (p *proposal) chooseWords() {
	var own []columnFacts
	for _, c := range p.free() {
		title := c.named("件名", "タイトル", "subject", "本文", "内容") && len(c.values) > 0 && c.runes >= 4
		if !c.worded() && !title {
			continue
		}
		p.take(c, "words")
		switch {
		case c.named("返信", "回答内容", "対応内容", "応答内容", "answer", "reply", "処置"):
			p.answer = append(p.answer, c)
		case c.named("メモ", "対応", "応対", "備考", "履歴", "経緯", "note", "memo", "処理", "申し送り"):
			p.note = append(p.note, c)
		default:
			own = append(own, c)
		}
	}
	if len(own)+len(p.note)+len(p.answer) == 0 {
		own = p.longest()
	}
	titles := slices.ContainsFunc(own, func(c columnFacts) bool { return c.named("件名", "タイトル", "subject", "本文", "body") })
	_, scored := p.single["nps"]
	_, rated := p.single["csat"]
	if !titles && (len(own) > 2 || len(own) > 0 && (scored || rated) || len(own) > 1 && len(p.note) == 0) {
		p.parts = own
	} else {
		p.text = own
	}
	p.findNoAnswers()
}

// longest is the column with the longest values, if no other has words.
func (p *proposal) longest() []columnFacts {
	left := p.free()
	if len(left) == 0 {
		left = p.columns
	}
	c := slices.MaxFunc(left, func(a, b columnFacts) int { return cmp.Compare(a.runes, b.runes) })
	p.used[c.index] = "words"
	p.guesses = append(p.guesses, "text: no column looks like words, this one has the longest values")
	return []columnFacts{c}
}

// findNoAnswers lists the words for nothing that stand alone in the cells.
func (p *proposal) findNoAnswers() {
	seen := map[string]bool{}
	for _, list := range [][]columnFacts{p.text, p.parts, p.note, p.answer} {
		for _, c := range list {
			for v := range c.kinds {
				if noAnswer(v) {
					seen[v] = true
				}
			}
		}
	}
	p.none = slices.Sorted(maps.Keys(seen))
}

// noAnswer reports the words that people write for nothing.
func noAnswer(v string) bool {
	switch strings.Trim(strings.ToLower(norm.NFKC.String(v)), "。. ") {
	case "なし", "特になし", "特にない", "特にありません", "ありません", "無し", "特に無し", "-", "ー", "―", "n/a", "none", "null", "空白", "未記入", "無回答":
		return true
	}
	return false
}

// yaml writes the mapping file with comments.
func (p *proposal) yaml() ([]byte, error) {
	w := &mappingWriter{}
	w.line("# Proposed by koe detect: read it before you use it.")
	for _, g := range p.guesses {
		w.line("# " + g)
	}
	w.line("mapping: " + schemaMapping)
	if p.encoding != "" {
		w.set("encoding", p.encoding)
	}
	if p.skip > 0 {
		w.line(fmt.Sprintf("skip_rows: %d", p.skip))
	}
	if p.short {
		w.line("short_rows: true")
	}
	if len(p.none) > 0 {
		w.set("no_answer", p.none)
	}
	w.set("source", p.source)
	if p.channel != nil {
		w.set("channel", map[string]any{"column": p.channel.ref, "values": p.channels, "default": "form"})
	} else {
		w.set("channel", p.fixed)
	}
	if len(p.id) > 0 {
		w.set("id", p.id[0].ref)
	} else {
		w.line("# id: no column has a different short value in every row; a hash of the row stands in")
	}
	switch {
	case len(p.times) == 0:
		w.line("# occurred_at: no column of times; the file's own time stands in")
	case p.forms != nil:
		w.set("occurred_at", map[string]any{"columns": refs(p.times), "formats": p.forms})
	default:
		w.setColumns("occurred_at", p.times)
	}
	for _, field := range []string{"ended_at", "updated_at", "customer_key", "thread_id", "product", "lot", "shop", "queue", "agent_key", "disposition", "nps", "csat"} {
		if c, ok := p.single[field]; ok {
			if forms, timed := c.time(); timed && forms != nil && strings.HasSuffix(field, "_at") {
				w.set(field, map[string]any{"columns": c.ref, "formats": forms})
			} else {
				w.set(field, c.ref)
			}
		}
	}
	p.writeGroups(w)
	return w.b.Bytes(), w.err
}

func (p *proposal) writeGroups(w *mappingWriter) {
	if len(p.paths) > 0 {
		var paths [][]string
		for _, c := range p.paths {
			paths = append(paths, refs(c))
		}
		w.set("categories", paths)
	}
	if len(p.attrs) > 0 {
		attrs := map[string]string{}
		for _, c := range p.attrs {
			attrs[c.ref] = c.ref
		}
		w.set("attrs", attrs)
	}
	if len(p.handling) > 0 {
		handling := map[string]string{}
		for _, c := range p.handling {
			handling[handlingField(c)] = c.ref
		}
		w.set("handling", handling)
	}
	w.setColumns("text", p.text)
	w.setColumns("note", p.note)
	w.setColumns("answer", p.answer)
	if len(p.parts) > 0 {
		w.set("parts", refs(p.parts))
	}
	if len(p.personal) > 0 {
		w.line("# left out as personal data: " + oneLine(p.personal))
	}
	if len(p.left) > 0 {
		w.line("# not used: " + oneLine(p.left))
	}
}

func refs(columns []columnFacts) []string {
	var out []string
	for _, c := range columns {
		out = append(out, c.ref)
	}
	return out
}

// oneLine keeps names with line breaks inside a comment.
func oneLine(names []string) string {
	return strings.Join(strings.Fields(strings.Join(names, ", ")), " ")
}

// mappingWriter writes a mapping file, a key a line.
type mappingWriter struct {
	b   bytes.Buffer
	err error
}

func (w *mappingWriter) line(s string) { w.b.WriteString(s + "\n") }

// set writes a value in YAML's flow style, quoted where it has to be.
func (w *mappingWriter) set(key string, value any) {
	var n yaml.Node
	err := n.Encode(value)
	if err == nil {
		n.Style = yaml.FlowStyle
		var out []byte
		if out, err = yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key}, &n}}); err == nil {
			w.b.Write(out)
		}
	}
	w.err = cmp.Or(w.err, err)
}

// setColumns writes one name or a list of them.
func (w *mappingWriter) setColumns(key string, columns []columnFacts) {
	switch len(columns) {
	case 0:
	case 1:
		w.set(key, columns[0].ref)
	default:
		w.set(key, refs(columns))
	}
}
