package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/model"
	"github.com/koe-voc/koe/pipeline/voc"
	"github.com/koe-voc/koe/testdata"
)

func newTrainCommand(c *cli) *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "train",
		Short: "fit the statistical model to the train part of the gold corpus",
		Long: `train reads the train part of the bundled gold corpus and the labelled phrases,
finds the clauses and what the rules say of them, and fits three models: one
votes on the types, aspects, risks and signals of a clause, one on the types and
aspects of a whole record, one on what hangs on a voice. The same koe and the same dictionary give the same bytes. A site that
edits its dictionary trains anew, into its own dictionary folder.
` + exitCodes,
		Example: `  koe train --to .`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := c.config()
			if err != nil {
				return err
			}
			t, err := newTrainer(cfg)
			if err != nil {
				return err
			}
			return c.train(cmd.Context(), t, folder)
		},
	}
	cmd.Flags().StringVar(&folder, "to", "", "the folder to write the models into")
	return cmd
}

func (c *cli) train(ctx context.Context, t *trainer, folder string) error {
	gold, err := testdata.Gold()
	if err != nil {
		return err
	}
	for i := range gold {
		if gold[i].Part() != testdata.Train {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.record(ctx, &gold[i]); err != nil {
			return fmt.Errorf("gold record %s: %w", gold[i].ID, err)
		}
	}
	phrases, err := testdata.Phrases()
	if err != nil {
		return err
	}
	for i := range phrases {
		if err := t.phrase(ctx, &phrases[i]); err != nil {
			return fmt.Errorf("phrase %d: %w", i+1, err)
		}
	}
	for _, m := range []struct {
		name     string
		examples []model.Example
		options  model.Options
	}{
		{classify.ModelFile, t.clauses, classify.Training()},
		{classify.RecordFile, t.whole, classify.RecordTraining()},
		{classify.AttributesFile, t.voices, t.taxonomy.AttributeTraining()},
	} {
		fitted, err := model.Train(ctx, m.examples, m.options)
		if err != nil {
			return err
		}
		data := fitted.Encode()
		if err := os.WriteFile(filepath.Join(folder, m.name), data, 0o644); err != nil {
			return fmt.Errorf("write the model: %w", err)
		}
		if _, err := fmt.Fprintf(c.out, "%-18s %7d examples, %7d features, %8d bytes\n", m.name, len(m.examples), fitted.Rows(), len(data)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(c.out, "of %d records and %d phrases; %d labels lie in no clause\n", t.records, len(phrases), t.lost)
	return err
}

// trainer turns gold into examples.
type trainer struct {
	lab      *labeller
	class    *classify.Classifier
	dec      *decode.Decoder
	taxonomy *classify.Taxonomy
	clauses  []model.Example
	voices   []model.Example
	whole    []model.Example // records and phrases
	records  int
	lost     int // gold voices and flags that no clause holds
}

func newTrainer(cfg config.Config) (*trainer, error) {
	lab, err := newLabellerBy(cfg, someKeys(), classify.NewRules)
	if err != nil {
		return nil, err
	}
	t := &trainer{lab: lab}
	if t.class, err = classify.NewRules(lab.dict); err != nil {
		return nil, err
	}
	if t.taxonomy, err = classify.LoadTaxonomy(lab.dict); err != nil {
		return nil, err
	}
	t.dec, err = decode.New(decode.Options{Default: decode.Contact})
	return t, err
}

// observe masks a contact and returns its record and clauses.
func (t *trainer) observe(ctx context.Context, c voc.Contact) (voc.Record, []classify.Observation, error) {
	rec, err := t.lab.masker.Mask(c)
	if err != nil {
		return rec, nil, err
	}
	for _, s := range t.lab.stages {
		if s.Name == "classify" {
			break
		}
		if err := s.Stage.Apply(ctx, &rec); err != nil {
			return rec, nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	obs, err := t.class.Observe(&rec)
	return rec, obs, err
}

func (t *trainer) record(ctx context.Context, g *testdata.Record) error {
	changes, err := t.dec.Decode(voc.Message{Value: g.Contact})
	if err != nil || len(changes) != 1 {
		return errors.Join(errors.New("it cannot be read"), err)
	}
	rec, obs, err := t.observe(ctx, changes[0].Contact)
	if err != nil {
		return err
	}
	t.records++
	l := newAnswers(len(obs))
	for _, v := range g.Voices {
		if k, at := t.find(&rec, obs, v.Evidence); k >= 0 {
			l.voice(k, voc.Type(v.Type), voc.Aspect(v.Aspect))
			l.rest(k, obs, at)
			t.voice(obs[k].Features, &v, true, g.Priors)
		} else {
			t.lost++
		}
	}
	for _, f := range g.Risks {
		if k, _ := t.find(&rec, obs, f.Evidence); k >= 0 {
			l.risks[k] |= bit(voc.Risks(), f.Flag)
		} else {
			t.lost++
		}
	}
	for _, f := range g.Signals {
		if k, _ := t.find(&rec, obs, f.Evidence); k >= 0 {
			l.signals[k] |= bit(voc.Signals(), f.Flag)
		} else {
			t.lost++
		}
	}
	whole := wholeExample(obs)
	whole.Answers = []int64{pairBits(g.Voices), flagBits(voc.Risks(), g.Risks), flagBits(voc.Signals(), g.Signals), truth(len(g.Voices) == 0)}
	t.whole = append(t.whole, whole)
	for k := range obs {
		t.clauses = append(t.clauses, l.examples(k, obs[k].Features)...)
	}
	return nil
}

// phraseWeight is how much a phrase counts beside a clause of a record: it
// stands alone, and what stands alone in the corpus of phrases is nearly always
// a voice, which in records it is not.
const phraseWeight = .5

// phrase adds a phrase as one example: all its clauses together.
func (t *trainer) phrase(ctx context.Context, p *testdata.Phrase) error {
	_, obs, err := t.observe(ctx, voc.Contact{ID: voc.NewRaw("p"), Source: voc.NewRaw("phrase"), Text: voc.NewRaw(p.Text)})
	if err != nil || len(obs) == 0 {
		return err
	}
	var all []model.Feature
	for _, o := range obs {
		all = append(all, o.Features...)
	}
	l := newAnswers(1)
	for _, v := range p.Voices {
		l.voice(0, voc.Type(v.Type), voc.Aspect(v.Aspect))
		t.voice(all, &v, false, false)
	}
	whole := wholeExample(obs)
	if p.Flagged {
		e := model.Example{Features: all, Weight: 1, Answers: []int64{-1, -1, 0, 0}}
		for _, f := range p.Flags {
			e.Answers[classify.HeadRisk] |= bit(voc.Risks(), f)
			e.Answers[classify.HeadSignal] |= bit(voc.Signals(), f)
		}
		t.clauses = append(t.clauses, e)
		whole.Answers = []int64{-1, e.Answers[classify.HeadRisk], e.Answers[classify.HeadSignal], -1}
		t.whole = append(t.whole, whole)
		return nil
	}
	whole.Answers = []int64{pairBits(p.Voices), -1, -1, truth(len(p.Voices) == 0)}
	t.whole = append(t.whole, whole)
	for _, e := range l.examples(0, all) {
		e.Weight = phraseWeight
		e.Answers[classify.HeadRisk], e.Answers[classify.HeadSignal] = -1, -1
		t.clauses = append(t.clauses, e)
	}
	return nil
}

// wholeExample is that of a record, without its answers.
func wholeExample(obs []classify.Observation) model.Example {
	e := model.Example{Weight: 1}
	for _, o := range obs {
		e.Features = append(e.Features, o.Own...)
	}
	return e
}

func pairBits(voices []testdata.Voice) int64 {
	set := int64(0)
	for _, v := range voices {
		set |= bit(classify.RecordHeads()[classify.HeadPair].Classes, v.Type+"/"+v.Aspect)
	}
	return set
}

func flagBits(names []string, flags []testdata.Flag) int64 {
	set := int64(0)
	for _, f := range flags {
		set |= bit(names, f.Flag)
	}
	return set
}

// voice adds an example of what hangs on a voice; of one that stands in no
// record the touch point, the kind and perhaps the prior expectation are known.
// priors: where none is labelled, the words show none.
func (t *trainer) voice(clause []model.Feature, v *testdata.Voice, whole, priors bool) {
	e := model.Example{Features: classify.VoiceFeatures(clause, voc.Type(v.Type), voc.Aspect(v.Aspect)), Weight: 1, Answers: []int64{-1, -1, -1, -1, -1}}
	for i, p := range t.taxonomy.TouchPoints {
		if p.ID == v.TouchPoint {
			e.Answers[classify.HeadTouchPoint] = int64(i)
		}
	}
	switch voc.Type(v.Type) {
	case voc.Inquiry:
		if v.Kind != "" {
			e.Answers[classify.HeadKind] = truth(v.Kind == "request")
		}
	case voc.Complaint:
		if whole && v.Response != nil {
			e.Answers[classify.HeadResponse] = truth(*v.Response)
		}
	case voc.Praise:
		if whole {
			e.Answers[classify.HeadAbove] = truth(v.Fulfilment == "above")
		}
	case voc.Expectation:
	}
	if (priors || v.Prior != "") && voc.Type(v.Type) != voc.Inquiry {
		e.Answers[classify.HeadPrior] = 0
		for i, p := range t.taxonomy.Priors {
			if p.ID == v.Prior {
				e.Answers[classify.HeadPrior] = int64(i) + 1
			}
		}
	}
	t.voices = append(t.voices, e)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// find returns the clause that a piece of evidence lies in, −1: none, and where
// in the text it stands. The evidence is masked as the text was.
func (t *trainer) find(rec *voc.Record, obs []classify.Observation, evidence string) (clause int, at voc.Span) {
	masked, _ := t.lab.masker.Text(voc.NewRaw(evidence))
	best, clause := 0.0, -1
	for _, what := range []string{evidence, masked} {
		for from := 0; clause < 0; {
			i := strings.Index(rec.Text[from:], what)
			if i < 0 || what == "" {
				break
			}
			a, b := from+i, from+i+len(what)
			for k, o := range obs {
				share := min(b, o.Span.To) - max(a, o.Span.From)
				if share <= 0 {
					continue
				}
				// The clause that holds most of it, of two the one that it fills.
				if x := float64(share)/float64(b-a) + .3*float64(share)/float64(o.Span.Len()); x > best {
					best, clause, at = x, k, voc.Span{From: a, To: b}
				}
			}
			from = b
		}
	}
	return clause, at
}

// answers are the answers by clause.
type answers struct {
	types          []int64
	part           []bool // of the evidence of a voice in another clause: nothing is known of it
	aspects        [][]int64
	risks, signals []int64
}

func newAnswers(n int) *answers {
	return &answers{make([]int64, n), make([]bool, n), make([][]int64, n), make([]int64, n), make([]int64, n)}
}

// rest marks the clauses that lie in the evidence at beside clause k.
func (l *answers) rest(k int, obs []classify.Observation, at voc.Span) {
	for i := range obs {
		if in := min(at.To, obs[i].Span.To) - max(at.From, obs[i].Span.From); i != k && 2*in > obs[i].Span.Len() {
			l.part[i] = true
		}
	}
}

func (l *answers) voice(k int, t voc.Type, a voc.Aspect) {
	l.types[k] |= bit(voc.Types(), t)
	for i, x := range voc.Aspects() {
		if x == a {
			l.aspects[k] = append(l.aspects[k], int64(i))
		}
	}
}

// examples makes one example of clause k, and one more for every further aspect
// of it.
func (l *answers) examples(k int, features []model.Feature) []model.Example {
	a := int64(-1)
	if len(l.aspects[k]) > 0 {
		a = l.aspects[k][0]
	}
	types := l.types[k]
	if types == 0 && l.part[k] {
		types = -1
	}
	out := []model.Example{{Features: features, Weight: 1, Answers: []int64{types, a, l.risks[k], l.signals[k]}}}
	for _, a := range l.aspects[k][min(1, len(l.aspects[k])):] {
		out = append(out, model.Example{Features: features, Weight: 1, Answers: []int64{-1, a, -1, -1}})
	}
	return out
}

func bit[T comparable](list []T, x T) int64 {
	for i, y := range list {
		if x == y {
			return 1 << i
		}
	}
	return 0
}
