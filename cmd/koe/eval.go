package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/eval"
	"github.com/koe-voc/koe/pipeline/voc"
	"github.com/koe-voc/koe/testdata"
)

func newEvalCommand(c *cli) *cobra.Command {
	var part, by string
	var worst int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "measure voices, risks and masking against the gold corpus",
		Long: `eval labels the bundled gold corpus and compares: precision, recall and F1 of
types, (type, aspect) pairs and risks, records without a voice, by channel, trap,
industry and manner of writing, the commonest confusions, how often voices are
right by their confidence, touch points, prior expectations and fulfilment of
the voices found, and the personal data that was masked.

The corpus is parted by a hash of the id. Rules are made with train and tune;
only figures on test are a result.
` + exitCodes,
		Example: `  koe eval
  koe eval --part tune --worst 20
  koe eval --by rules`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			class := classify.New
			switch by {
			case "model":
			case "rules":
				class = classify.NewRules
			default:
				return usage("--by %q: write model or rules", by)
			}
			lab, err := newLabellerBy(cfg, someKeys(), class)
			if err != nil {
				return err
			}
			gold, err := testdata.Gold()
			if err != nil {
				return err
			}
			return c.eval(cmd.Context(), lab, gold, testdata.Part(part), worst, asJSON)
		},
	}
	cmd.Flags().StringVar(&part, "part", string(testdata.Test), "train, tune or test")
	cmd.Flags().StringVar(&by, "by", "model", "what labels: model (on what the rules find) or rules alone")
	cmd.Flags().IntVar(&worst, "worst", 0, "confusions to list; they name records, so not for test")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the figures as JSON")
	return cmd
}

func (c *cli) eval(ctx context.Context, lab *labeller, gold []testdata.Record, part testdata.Part, worst int, asJSON bool) error {
	switch part {
	case testdata.Train, testdata.Tune:
	case testdata.Test:
		worst = 0 // of test only figures are looked at
	default:
		return usage("--part %q: write train, tune or test", part)
	}
	dec, err := decode.New(decode.Options{Default: decode.Contact})
	if err != nil {
		return err
	}
	var cases []eval.Case
	var masks []eval.MaskCase
	for i := range gold {
		g := &gold[i]
		if g.Part() != part {
			continue
		}
		changes, err := dec.Decode(voc.Message{Value: g.Contact})
		if err != nil || len(changes) != 1 {
			return errors.Join(fmt.Errorf("gold record %s cannot be read", g.ID), err)
		}
		rec, err := lab.label(ctx, changes[0].Contact)
		if err != nil {
			return fmt.Errorf("gold record %s: %w", g.ID, err)
		}
		cases = append(cases, evalCase(g, &rec))
		m, err := maskCases(lab, g)
		if err != nil {
			return err
		}
		masks = append(masks, m...)
	}
	report, masking := eval.Score(cases), eval.MaskScore(masks)
	if asJSON {
		if part == testdata.Test { // of test only figures are looked at
			report.Confusions, masking.Leaked = nil, nil
		}
		return encode(c.out, figures{part, lab.version, report, masking})
	}
	if _, err := fmt.Fprintf(c.out, "part %s, definitions %s\n", part, lab.version); err != nil {
		return err
	}
	if err := report.Text(c.out, worst); err != nil {
		return err
	}
	return printMasks(c, masking)
}

// figures is what koe eval --json prints.
type figures struct {
	Part       testdata.Part   `json:"part"`
	Definition string          `json:"definition_version"`
	Voices     eval.Report     `json:"voices"`
	Masking    eval.MaskReport `json:"masking"`
}

// evalCase pairs what a record should have with what it was given.
func evalCase(g *testdata.Record, rec *voc.Record) eval.Case {
	k := eval.Case{ID: g.ID, Channel: g.Channel, Industry: g.Industry, Trap: g.Trap, Manner: g.Manner, Unclassified: len(rec.Unclassified)}
	for _, v := range g.Voices {
		l := eval.Label{Type: voc.Type(v.Type), Aspect: voc.Aspect(v.Aspect)}
		k.Gold = append(k.Gold, l)
		k.GoldVoices = append(k.GoldVoices, eval.Voice{Label: l, TouchPoint: v.TouchPoint, Prior: v.Prior, Fulfilment: v.Fulfilment})
	}
	for _, f := range g.Risks {
		k.GoldRisks = append(k.GoldRisks, f.Flag)
	}
	for _, f := range g.Signals {
		k.GoldMarks = append(k.GoldMarks, f.Flag)
	}
	for i := range rec.Voices {
		v := &rec.Voices[i]
		l := eval.Label{Type: v.Type, Aspect: v.Aspect}
		k.Found = append(k.Found, l)
		k.FoundVoices = append(k.FoundVoices, eval.Voice{Label: l, Confidence: v.Confidence, TouchPoint: v.TouchPoint, Prior: v.Prior, Fulfilment: v.Fulfilment})
		for _, s := range rec.Segments {
			if !s.Role.Voiced() && s.Span.Contains(v.Evidence) {
				k.OperatorVoices++
			}
		}
	}
	for _, f := range rec.Risks {
		k.FoundRisks = append(k.FoundRisks, f.Name)
	}
	for _, f := range rec.Signals {
		k.FoundMarks = append(k.FoundMarks, f.Name)
	}
	return k
}

// textsOf lists the texts of a gold contact.
func textsOf(g *testdata.Record) ([]string, error) {
	type said struct {
		Text string `json:"text"`
	}
	var c struct {
		Note   string `json:"note"`
		Text   string `json:"text"`
		Answer string `json:"answer"`
		Turns  []said `json:"turns"`
		Parts  []said `json:"parts"`
	}
	if err := json.Unmarshal(g.Contact, &c); err != nil {
		return nil, fmt.Errorf("gold record %s: %w", g.ID, err)
	}
	texts := []string{c.Note, c.Text, c.Answer}
	for _, t := range append(c.Turns, c.Parts...) {
		texts = append(texts, t.Text)
	}
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" }), nil
}

// maskCases makes a case of every text of a gold contact.
func maskCases(lab *labeller, g *testdata.Record) ([]eval.MaskCase, error) {
	texts, err := textsOf(g)
	if err != nil {
		return nil, err
	}
	var out []eval.MaskCase
	for _, text := range texts {
		m := eval.MaskCase{ID: g.ID, Runes: utf8.RuneCountInString(text)}
		for _, p := range g.PII {
			for at := 0; ; {
				i := strings.Index(text[at:], p[0])
				if i < 0 {
					break
				}
				start := utf8.RuneCountInString(text[:at+i])
				m.Gold = append(m.Gold, eval.Secret{Start: start, End: start + utf8.RuneCountInString(p[0]), Kind: p[1]})
				at += i + len(p[0])
			}
		}
		_, spans := lab.masker.Text(voc.NewRaw(text))
		for _, s := range spans {
			m.Found = append(m.Found, eval.Secret{Start: s.From, End: s.To, Kind: string(s.Kind)})
		}
		out = append(out, m)
	}
	return out, nil
}

func printMasks(c *cli, r eval.MaskReport) error {
	if _, err := fmt.Fprintf(c.out, "\nmasking: %d of %d spans wholly covered (%.3f), over-masked %.1f of 10,000 characters\n", r.All.K, r.All.N, r.All.Of(), r.OverRate()); err != nil {
		return err
	}
	for _, k := range r.Kinds {
		if _, err := fmt.Fprintf(c.out, "  %-22s %4d of %4d covered, %4d named right\n", k.Kind, k.Covered.K, k.Covered.N, k.Named.K); err != nil {
			return err
		}
	}
	return nil
}
