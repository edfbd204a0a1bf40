package decode

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Propose writes a mapping file for a table of which rows are the first ones,
// those above the header included: which column holds the words, the time and
// the id, by the headers and by what stands in the cells. source and encoding
// (may be empty) go into it. What it proposes, ParseMapping reads and Rows
// binds to the header. Columns that look like personal data are left out.
//
// The proposal is for a person to read and correct: it names what each column
// is for, with a comment where a guess was needed.
func Propose(source, encoding string, rows [][]string) ([]byte, error) {
	skip := headerRow(rows)
	if skip >= len(rows) {
		return nil, fmt.Errorf("no header line: the file is empty")
	}
	p := &proposal{source: source, encoding: encoding, skip: skip, used: map[int]string{}}
	p.look(rows[skip], rows[skip+1:])
	if len(p.columns) == 0 {
		return nil, fmt.Errorf("the header line has no names")
	}
	p.choose()
	out, err := p.yaml()
	if err != nil {
		return nil, err
	}
	m, err := ParseMapping("proposed", out)
	if err == nil {
		_, err = m.Rows(rows[skip])
	}
	if err != nil {
		return nil, fmt.Errorf("the proposal does not fit: %w", err)
	}
	return out, nil
}

// headerRow passes over titles above the header: rows with far fewer cells than
// the widest.
func headerRow(rows [][]string) int {
	filled := func(row []string) (n int) {
		for _, c := range row {
			if strings.TrimSpace(c) != "" {
				n++
			}
		}
		return n
	}
	widest := 0
	for _, r := range rows {
		widest = max(widest, filled(r))
	}
	for i, r := range rows {
		if n := filled(r); n > 0 && 5*n >= 3*widest {
			return i
		}
	}
	return len(rows)
}

// columnFacts is what is known of a column.
type columnFacts struct {
	index  int
	ref    string // how a mapping names it
	header string // lower case, NFKC
	values []string
	kinds  map[string]int // distinct values
	runes  float64        // mean length
}

type proposal struct {
	source, encoding string
	skip, rows       int
	short            bool
	columns          []columnFacts
	used             map[int]string // column index: the field it serves

	id, times               []columnFacts
	forms                   []string
	single                  map[string]columnFacts // field: column
	channel                 *columnFacts
	channels                map[string]string
	fixed                   string // the channel if no column tells
	paths                   [][]columnFacts
	attrs, handling         []columnFacts
	text, note, answer      []columnFacts
	parts                   []columnFacts
	personal, left, guesses []string
	none                    []string
}

func (p *proposal) look(header []string, rows [][]string) {
	names := map[int]string{}
	index := columnIndex(header)
	for _, name := range slices.Sorted(maps.Keys(index)) {
		i := index[name]
		if old, ok := names[i]; !ok || strings.HasPrefix(old, "column#") {
			names[i] = name
		}
	}
	for i := range header {
		c := columnFacts{index: i, ref: names[i], header: strings.ToLower(norm.NFKC.String(cleanHeader(header[i]))), kinds: map[string]int{}}
		total := 0
		for _, r := range rows {
			if i >= len(r) {
				continue
			}
			if v := strings.TrimSpace(clean(r[i])); v != "" {
				c.values = append(c.values, v)
				c.kinds[v]++
				total += utf8.RuneCountInString(v)
			}
		}
		c.runes = float64(total) / math.Max(1, float64(len(c.values)))
		if c.header != "" || len(c.values) > 0 {
			p.columns = append(p.columns, c)
		}
	}
	p.rows = len(rows)
	for _, r := range rows {
		p.short = p.short || len(r) < len(header)
	}
}

func (c *columnFacts) named(words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(c.header, w) })
}

// mostly is the share of cells that have to fit: people leave slips of the pen
// in every column.
const mostly = 0.6

// share is the part of the values for which is holds, 0 without any.
func (c *columnFacts) share(is func(v string) bool) float64 {
	n := 0
	for _, v := range c.values {
		if is(v) {
			n++
		}
	}
	return float64(n) / math.Max(1, float64(len(c.values)))
}

func (c *columnFacts) unique() bool { return len(c.values) > 0 && len(c.kinds) == len(c.values) }

// worded tells words from codes and names: kana, and either length or a header
// that asks for words.
func (c *columnFacts) worded() bool {
	words, kana, spaced, runes := 0, 0, 0, 0
	for _, v := range c.values {
		if noAnswer(v) {
			continue
		}
		words++
		runes += utf8.RuneCountInString(v)
		if strings.ContainsFunc(v, func(r rune) bool { return unicode.Is(unicode.Hiragana, r) }) {
			kana++
		}
		if strings.Contains(v, " ") {
			spaced++
		}
	}
	switch {
	case words == 0, len(c.values) > 50 && 5*len(c.kinds) < len(c.values): // nothing, or one of some answers
		return false
	case runes >= 12*words && (3*kana > words || 2*spaced > words):
		return true
	}
	least := 6
	if c.named("理由", "点", "意見", "要望", "感想", "自由", "コメント", "内容", "本文", "メモ", "詳細", "comment", "reason") {
		least = 4
	}
	return 2*kana > words && runes >= least*words && 2*len(c.kinds) > words
}

func (c *columnFacts) whole(low, high int) bool {
	return len(c.values) > 0 && c.share(func(v string) bool {
		n, err := strconv.Atoi(norm.NFKC.String(v))
		return err == nil && n >= low && n <= high
	}) >= mostly
}

// time returns the forms with which the column's values are times, nil if they
// are none; the default forms are an empty list.
func (c *columnFacts) time() (forms []string, ok bool) {
	for _, forms := range [][]string{nil, {formDMY}, {formMDY}, {formUnixMS}, {formUnix}} {
		tried := forms
		if forms == nil {
			tried = defaultForms()
		}
		if (slices.Contains(forms, formUnix) || slices.Contains(forms, formUnixMS)) && !c.named("time", "日時", "date") {
			continue
		}
		if len(c.values) > 0 && c.share(func(v string) bool {
			t, ok := parseMoment(v, tried, 1, time.UTC)
			return ok && t.Year() >= 1990 && t.Year() < 2100
		}) >= mostly {
			return forms, true
		}
	}
	return nil, false
}

// take gives a column to a field unless it serves one already.
func (p *proposal) take(c columnFacts, field string) bool {
	if _, ok := p.used[c.index]; ok {
		return false
	}
	p.used[c.index] = field
	return true
}

// free lists the columns that serve nothing yet.
func (p *proposal) free() []columnFacts {
	return slices.DeleteFunc(slices.Clone(p.columns), func(c columnFacts) bool { _, ok := p.used[c.index]; return ok })
}

func (p *proposal) choose() {
	p.single = map[string]columnFacts{}
	p.choosePersonal()
	p.chooseTimes()
	p.chooseID()
	p.chooseChannel()
	p.chooseLabels()
	p.chooseWords()
	if p.fixed == "" && p.channel == nil {
		p.guessChannel()
	}
	if p.calls() {
		p.note, p.text = append(p.text, p.note...), nil
	}
	for _, c := range p.free() {
		if len(c.values) > 1 && 2*len(c.values) >= p.rows && c.runes <= 20 && 3*len(c.kinds) <= 2*len(c.values)+2 && len(p.attrs) < 20 && c.header != "" && utf8.RuneCountInString(c.header) <= 30 {
			p.take(c, "attrs")
			p.attrs = append(p.attrs, c)
		} else {
			p.left = append(p.left, c.ref)
		}
	}
}

func (p *proposal) choosePersonal() {
	mail := func(v string) bool { return strings.Contains(v, "@") && utf8.RuneCountInString(v) < 100 }
	phone := func(v string) bool {
		d := strings.NewReplacer("-", "", " ", "", "(", "", ")", "", "+", "").Replace(norm.NFKC.String(v))
		return len(d) >= 10 && len(d) <= 13 && strings.Trim(d, "0123456789") == "" && (d[0] == '0' || strings.HasPrefix(d, "81"))
	}
	for _, c := range p.columns {
		switch {
		case c.named("担当", "対応者", "オペレ", "agent", "商品", "店", "会社", "企業", "製品", "チーム"):
		case personalName(c.header) && !c.worded(), c.named("差出人", "送信者", "宛先"), c.share(mail) > 0.7, c.share(phone) > 0.7:
			p.take(c, "")
			p.personal = append(p.personal, c.ref)
		}
	}
}

func (p *proposal) chooseTimes() {
	best := func(words ...string) *columnFacts {
		for _, c := range p.free() {
			if _, ok := c.time(); ok && c.named(words...) {
				return &c
			}
		}
		return nil
	}
	if c := best("更新", "最終", "update", "modified"); c != nil && p.take(*c, "updated_at") {
		p.single["updated_at"] = *c
	}
	if c := best("終了", "完了日", "end", "切断"); c != nil && p.take(*c, "ended_at") {
		p.single["ended_at"] = *c
	}
	c := best("受付", "発生", "回答日", "受信", "開始", "着信", "投稿", "日時", "日付", "date", "time", "created", "start", "年月", "日")
	if c == nil {
		if c = best(""); c == nil {
			return
		}
		p.guesses = append(p.guesses, "occurred_at: the only column of times")
	}
	p.forms, _ = c.time()
	p.take(*c, "occurred_at")
	p.times = []columnFacts{*c}
	// A time of day in a column of its own.
	for _, d := range p.free() {
		clock := d.share(func(v string) bool {
			_, ok := parseMoment("2000/1/1 "+v, []string{formYMD}, 1, time.UTC)
			return ok && strings.ContainsAny(v, ":：時")
		})
		if clock >= mostly && d.named("時刻", "時間", "time") && !d.named("通話", "待ち", "保留", "処理", "応答") {
			p.take(d, "occurred_at")
			p.times = append(p.times, d)
			break
		}
	}
}

func (p *proposal) chooseID() {
	var found *columnFacts
	for _, words := range [][]string{
		{"受付番号", "コール番号", "問合せ番号", "お問い合わせ番号", "問い合わせ番号", "チケット番号", "チケットid", "回答番号", "回答id", "sequence id", "管理番号", "案件番号", "ticket id", "call id", "call_id", "response id"},
		{"番号", "id", "no.", "no", "コード", "key"},
	} {
		for _, c := range p.free() {
			if found == nil && c.unique() && c.runes <= 64 && !c.worded() && c.named(words...) && !c.named("顧客", "会員", "customer", "親", "parent", "previous", "商品", "製品") {
				found = &c
			}
		}
	}
	if found == nil {
		return
	}
	p.take(*found, "id")
	p.id = []columnFacts{*found}
}
