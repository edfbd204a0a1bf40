package weekly

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/koe-voc/koe/exports"
)

// SchemaVersion counts the additions to the columns of topics.parquet and to
// the fields of manifest.json.
const SchemaVersion = "1"

type topicRow struct {
	Week      string     `parquet:"week,dict"`
	WeekStart int32      `parquet:"week_start,date"`
	Rank      int32      `parquet:"rank"`
	Product   *string    `parquet:"product,optional,dict"`
	Type      string     `parquet:"type,dict"`
	Aspect    *string    `parquet:"aspect,optional,dict"`
	Target    *string    `parquet:"target,optional,dict"`
	Label     string     `parquet:"label"`
	Contacts  int32      `parquet:"contacts"`
	Voices    int32      `parquet:"voices"`
	Share     float64    `parquet:"share"`
	Last      *int32     `parquet:"last_week,optional"`
	Mean      *float64   `parquet:"mean_4_weeks,optional"`
	Change    *float64   `parquet:"change,optional"`
	Ratio     *float64   `parquet:"change_ratio,optional"`
	FirstSeen *int32     `parquet:"first_seen,optional,date"`
	Earlier   bool       `parquet:"first_seen_or_earlier"`
	New       bool       `parquet:"new"`
	Quotes    []quoteRow `parquet:"quotes,list"`
}

type quoteRow struct {
	RecordID string `parquet:"record_id"`
	Text     string `parquet:"text"`
	Channel  string `parquet:"channel,dict"`
	Day      int32  `parquet:"day,date"`
	Rule     string `parquet:"rule,dict"`
}

func epochDay(day string) int32 {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0 // cannot happen: the report formats its days itself
	}
	return int32(t.Unix() / 86400) //nolint:gosec // years are bounded
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// writeParquet writes the topics into a folder that is staged.
func (r *Report) writeParquet(dir, name string) error {
	rows := make([]topicRow, len(r.Topics))
	for i := range r.Topics {
		t := &r.Topics[i]
		row := topicRow{
			Week: r.Week.String(), WeekStart: epochDay(r.From), Rank: int32(t.Rank), Product: optional(t.Product), Type: string(t.Type), Aspect: optional(string(t.Aspect)), //nolint:gosec // few
			Target: optional(t.Target), Label: t.Label, Contacts: int32(t.Now), Voices: int32(t.Voices), Share: t.Share, Mean: t.Mean, Change: t.Change(), Ratio: t.Ratio(), //nolint:gosec // of a week
			Earlier: t.Earlier, New: t.New,
		}
		if t.Last != nil {
			n := int32(*t.Last) //nolint:gosec // of a week
			row.Last = &n
		}
		if t.FirstSeen != "" {
			d := epochDay(t.FirstSeen)
			row.FirstSeen = &d
		}
		for _, q := range t.Quotes {
			row.Quotes = append(row.Quotes, quoteRow{q.RecordID, q.Text, string(q.Channel), epochDay(q.Day), q.Rule})
		}
		rows[i] = row
	}
	_, _, err := exports.WriteFile(exports.Dir(dir), name, rows, exports.FileOptions{Definition: strings.Join(r.versions(), ","), Sorted: []string{"rank"}})
	return err
}

func (r *Report) versions() []string {
	out := make([]string, len(r.Definitions))
	for i, d := range r.Definitions {
		out[i] = d.Version
	}
	return out
}

// topicHead names the columns of the list of topics, in the workbook and in
// the CSV file.
func topicHead() []string {
	return []string{
		"順位", "商品", "種別", "観点", "話題の語", "話題", "応対件数", "構成比", "前週", "前4週平均", "増減（対平均）", "増減率", "声の数", "初出日", "新規",
	}
}

// topicCells are the values under topicHead: strings, ints, float64s, nil.
func (r *Report) topicCells(t *Topic) []any {
	first := t.FirstSeen
	if t.Earlier && first != "" {
		first += " 以前"
	}
	mark := ""
	if t.New {
		mark = "新規"
	}
	return []any{
		t.Rank, r.labels.product(t.Product), r.labels.typ(t.Type), r.labels.aspect(t.Aspect), t.Target, t.Label, t.Now, t.Share,
		integer(t.Last), number(t.Mean), number(t.Change()), number(t.Ratio()), t.Voices, first, mark,
	}
}

// number keeps a nil pointer from becoming a cell that is not empty.
func number(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

func integer(v *int) any {
	if v == nil {
		return nil
	}
	return *v
}

// csv is the list of topics with its quotes: UTF-8 with BOM and CRLF, which
// Excel reads by a double click.
func (r *Report) csv() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	head := topicHead()
	for i := range r.Options.Quotes {
		n := strconv.Itoa(i + 1)
		head = append(head, "引用"+n, "記録ID"+n)
	}
	if err := w.Write(head); err != nil {
		return nil, err
	}
	for i := range r.Topics {
		t := &r.Topics[i]
		var cells []string
		for _, v := range r.topicCells(t) {
			cells = append(cells, csvCell(v))
		}
		for j := range r.Options.Quotes {
			if j < len(t.Quotes) {
				cells = append(cells, guard(t.Quotes[j].Text), guard(t.Quotes[j].RecordID))
			} else {
				cells = append(cells, "", "")
			}
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func csvCell(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(math.Round(v*1e4)/1e4, 'f', -1, 64)
	case string:
		return guard(v)
	}
	return ""
}

// guard puts an apostrophe before text that a spreadsheet would calculate.
func guard(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}
