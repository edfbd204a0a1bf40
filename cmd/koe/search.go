package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline/voc"
)

type searchFlags struct {
	size      int
	sort      string
	after     string
	facets    []string
	histogram string
	json      bool
}

func newSearchCommand(c *cli) *cobra.Command {
	var f searchFlags
	cmd := &cobra.Command{
		Use:   "search QUERY",
		Short: "find contacts by words, labels and fields",
		Long: `search finds contacts. It asks the koe that holds the data folder, or opens the
index itself if none does.

  配送 遅い                          both words; other spellings and synonyms count
  "折り返し 連絡"  「折り返し連絡」     words beside each other
  返金 OR 交換   返金 -交換   (a OR b) c
  voice:complaint/delivery           type and aspect of one voice; voice:praise/*, voice:*/safety
  type: aspect: channel: risk: signal: prior: fulfilment: touchpoint: masked:
  product: shop: queue: source: sub: category: thread: customer: id:    a value; 炊飯器* any beginning
  nps:<=6 csat:3..4                  numbers
  day:2026-10-05 since: until:       days

Evidence is marked 【so】, words of the query 〔so〕. Counts name their unit.
` + exitCodes,
		Example: `  koe search '届かない voice:complaint/delivery'
  koe search 'risk:churn since:2026-10-01' --facet product --histogram week
  koe search 'type:complaint' --size 0 --facet pair --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.search(cmd.Context(), strings.Join(args, " "), f)
		},
	}
	fl := cmd.Flags()
	fl.IntVarP(&f.size, "size", "n", 10, "contacts to show, 0 to count only")
	fl.StringVar(&f.sort, "sort", string(index.Newest), "newest, oldest or relevance")
	fl.StringVar(&f.after, "after", "", "the cursor that the page before ended with")
	fl.StringSliceVar(&f.facets, "facet", nil, "count contacts by a field: "+strings.Join(index.Facets(), ", "))
	fl.StringVar(&f.histogram, "histogram", "", "count contacts by day, week or month")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (c *cli) search(ctx context.Context, line string, f searchFlags) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	q, err := query.Parse(line)
	if err != nil {
		return &coded{exitUsage, err}
	}
	req := index.Request{Query: q, Sort: index.Sort(f.sort), Size: f.size, After: f.after, Facets: f.facets, Histogram: f.histogram}
	if err := req.Check(); err != nil {
		return &coded{exitUsage, err}
	}
	r, err := openReader(ctx, cfg, c.logger(cfg.Log))
	if err != nil {
		return err
	}
	res, err := r.Search(ctx, req)
	if err = errors.Join(err, r.close()); err != nil {
		var qe *query.Error
		if errors.As(err, &qe) || errors.Is(err, index.ErrCursor) {
			return &coded{exitUsage, err}
		}
		return err
	}
	if f.json {
		return encode(c.out, res)
	}
	if err := printHits(c.out, res.Hits); err != nil {
		return err
	}
	if err := printCounts(c.out, res, f.facets); err != nil {
		return err
	}
	c.say("koe: %s contacts, %s voices", group(res.Contacts), group(res.Voices))
	if res.Next != "" {
		c.say("koe: more with --after %s", res.Next)
	}
	return nil
}

// printHits shows each contact with its labels and its evidence marked.
func printHits(w io.Writer, hits []index.Hit) error {
	for _, h := range hits {
		r := h.Record
		head := []string{r.OccurredAt.In(japan()).Format("2006-01-02 15:04"), r.ID, string(r.Channel)}
		for _, s := range []string{r.Product, r.Shop} {
			if s != "" {
				head = append(head, s)
			}
		}
		var labels []string
		for i := range r.Voices {
			if l := string(r.Voices[i].Type) + "/" + string(r.Voices[i].Aspect); !slices.Contains(labels, l) {
				labels = append(labels, l)
			}
		}
		for _, f := range r.Risks {
			labels = append(labels, "!"+f.Name)
		}
		if _, err := fmt.Fprintf(w, "%s\n  %s\n  %s\n\n", strings.Join(head, "  "), strings.Join(labels, " "), marked(r.Text, h)); err != nil {
			return err
		}
	}
	return nil
}

// excerpt is how many runes of a text are shown.
const excerpt = 200

// marked shows the text with 【】 round the evidence and 〔〕 round the query's
// words, shortened to where the first of them begins.
func marked(text string, h index.Hit) string {
	runes := []rune(strings.ReplaceAll(text, "\n", " "))
	open, shut := map[int]string{}, map[int]string{}
	first := len(runes)
	for _, set := range []struct {
		marks       []index.Mark
		open, close string
	}{{h.Evidence, "【", "】"}, {h.Words, "〔", "〕"}} {
		end := -1
		for _, m := range slices.SortedFunc(slices.Values(set.marks), func(a, b index.Mark) int { return a.Start - b.Start }) {
			if m.Start < end { // inside the one before
				continue
			}
			open[m.Start] += set.open
			shut[m.End] = set.close + shut[m.End]
			first, end = min(first, m.Start), m.End
		}
	}
	from := 0
	if len(runes) > excerpt && first > excerpt/4 && first < len(runes) {
		from = first - excerpt/4
	}
	to := min(len(runes), from+excerpt)
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	for i := from; i <= to; i++ {
		if i > from {
			b.WriteString(shut[i])
		}
		if i < to {
			b.WriteString(open[i])
			b.WriteRune(runes[i])
		}
	}
	if to < len(runes) {
		b.WriteString("…")
	}
	return b.String()
}

func printCounts(w io.Writer, res *index.Result, facets []string) error {
	for _, name := range facets {
		t := ui.Table{Header: []string{name, "contacts"}, Right: []bool{false, true}}
		for _, i := range res.Facets[name] {
			t.Rows = append(t.Rows, []string{i.Value, group(i.Contacts)})
		}
		if err := t.Write(w); err != nil {
			return err
		}
	}
	if len(res.Histogram) == 0 {
		return nil
	}
	t := ui.Table{Header: []string{"from", "contacts"}, Right: []bool{false, true}}
	for _, i := range res.Histogram {
		t.Rows = append(t.Rows, []string{i.Value, group(i.Contacts)})
	}
	return t.Write(w)
}

func newShowCommand(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "show one contact with its voices, their evidence and rules",
		Long: `show prints the masked words of a contact by speaker, and each voice with its
evidence, its rule and its attributes.
` + exitCodes,
		Example: `  koe show ec-call/s-001
  koe show ec-call/s-001 --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			r, err := openReader(cmd.Context(), cfg, c.logger(cfg.Log))
			if err != nil {
				return err
			}
			rec, err := r.Get(cmd.Context(), args[0])
			if err = errors.Join(err, r.close()); err != nil {
				return err
			}
			if asJSON {
				return encode(c.out, rec)
			}
			return printRecord(c.out, rec)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printRecord(w io.Writer, r *voc.Record) error {
	var b strings.Builder
	t := ui.Table{}
	for _, f := range [][2]string{
		{"id", r.ID},
		{"occurred", r.OccurredAt.In(japan()).Format("2006-01-02 15:04:05 MST")},
		{"channel", string(r.Channel)},
		{"product", r.Product},
		{"lot", r.Lot},
		{"shop", r.Shop},
		{"queue", r.Queue},
		{"categories", strings.Join(r.Categories, ", ")},
		{"customer", r.CustomerKey},
		{"thread", r.ThreadID},
		{"revision", r.Revision.String()},
		{"definition", r.Definition},
	} {
		if f[1] != "" {
			t.Rows = append(t.Rows, []string{f[0], f[1]})
		}
	}
	if err := t.Write(&b); err != nil {
		return err
	}
	b.WriteString("\n")
	for _, s := range r.Segments {
		fmt.Fprintf(&b, "%-9s %s\n", s.Role, strings.ReplaceAll(r.Slice(s.Span), "\n", "\n          "))
	}
	for i := range r.Voices {
		v := &r.Voices[i]
		fmt.Fprintf(&b, "\n%s/%s  「%s」\n", v.Type, v.Aspect, r.Slice(v.Evidence))
		var more []string
		for _, a := range [][2]string{
			{"sub", v.Sub},
			{"kind", v.Kind},
			{"about", v.Target},
			{"touchpoint", v.TouchPoint},
			{"journey", v.Journey},
			{"fulfilment", v.Fulfilment},
			{"prior", v.Prior},
			{"from", v.PriorFrom},
			{"qualities", strings.Join(v.Qualities, ",")},
		} {
			if a[1] != "" {
				more = append(more, a[0]+" "+a[1])
			}
		}
		if v.Response {
			more = append(more, "expects a response")
		}
		fmt.Fprintf(&b, "  polarity %+d, %s\n  rule %s, confidence %.2f\n", v.Polarity, strings.Join(more, ", "), v.Rule, v.Confidence)
	}
	for _, f := range append(slices.Clone(r.Risks), r.Signals...) {
		fmt.Fprintf(&b, "\n! %s  「%s」  rule %s\n", f.Name, r.Slice(f.Evidence), f.Rule)
	}
	for _, m := range r.Mentions {
		fmt.Fprintf(&b, "\nmentions %s %s\n", m.Kind, m.Value)
	}
	for _, u := range r.Unclassified {
		fmt.Fprintf(&b, "\nunclassified 「%s」  %s\n", r.Slice(u.Evidence), u.Reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
