package classify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/model"
	"github.com/koe-voc/koe/pipeline/voc"
)

const nAspects = 15

// lexicon is the dictionary in the form that matching needs.
type lexicon struct {
	*words
	taxonomy    *Taxonomy
	aspects     []aspectTerm
	evaluations []evaluation
	procedures  []procedure
	rules       []rule
	conceptIDs  []string
	models      *model.Table // nil: rules alone
	voices      *model.Part  // nil likewise
	attributes  *model.Part  // nil likewise
	record      *model.Part  // nil likewise
	modelRule   string       // the rule of a voice that only the model found
	patterns    []owned      // of rules
	touchpoints [nAspects]string
	journeys    [nAspects]string
}

// owned is a pattern and its rule.
type owned struct {
	pattern
	rule int32
}

// aspectTerm is a row of aspects.tsv.
type aspectTerm struct {
	id         string
	term       string
	aspect     int8
	sub        string
	touchpoint string
	weight     float32
}

// weighted is an aspect with how strongly it is meant.
type weighted struct {
	aspect int8
	weight float32
}

// evaluation is a row of evaluations.tsv.
type evaluation struct {
	id        string
	term      string
	pos       string
	polarity  int8
	negated   int8
	aspects   []weighted
	beside    []beside
	qualities []string
}

// beside is the polarity that an evaluation takes with an aspect.
type beside struct {
	aspect   int8
	polarity int8
}

// procedure is a row of procedures.tsv: a routine order.
type procedure struct {
	id     string
	term   string
	aspect int8
	firm   bool // an order whatever else is said; else only where nothing better is found
}

// ruleKind tells what a rule's match does.
type ruleKind uint8

const (
	expressionRule ruleKind = iota
	cueRule
	riskRule
)

// rule is a row of expressions.tsv, cues.tsv or risks.tsv.
type rule struct {
	id        string
	kind      ruleKind
	cue       cueKind
	value     string // of a cue or the flag of a risk
	signal    bool
	typ       voc.Type // empty: composed
	void      bool
	aspects   []weighted
	sub       string
	polarity  int8
	conf      float32
	when      condition
	qualities []string
}

func newLexicon(d *dict.Set) (*lexicon, error) {
	l := &lexicon{words: newWords()}
	var err error
	if l.taxonomy, err = LoadTaxonomy(d); err != nil {
		return nil, err
	}
	for i, a := range l.taxonomy.Aspects {
		l.touchpoints[i], l.journeys[i] = a.TouchPoint, a.Journey
	}
	for _, t := range []struct {
		name string
		row  func(dict.Row) error
	}{
		{"aspects.tsv", l.addAspect},
		{"evaluations.tsv", l.addEvaluation},
		{"procedures.tsv", l.addProcedure},
		{"expressions.tsv", l.addExpression},
		{"cues.tsv", l.addCue},
		{"risks.tsv", l.addRisk},
		{"concepts.tsv", l.addConcept},
	} {
		table, err := d.Table(t.name)
		if err != nil {
			return nil, err
		}
		for _, r := range table.Rows {
			if err := t.row(r); err != nil {
				return nil, fmt.Errorf("dictionary file %s line %d (%s): %w", t.name, r.Line, r.ID(), err)
			}
		}
	}
	l.seal(l.patterns)
	return l, nil
}

// absorbs lists the aspects whose complaints a takes in.
func (l *lexicon) absorbs(a voc.Aspect) []string {
	for i := range l.taxonomy.Aspects {
		if l.taxonomy.Aspects[i].ID == string(a) {
			return l.taxonomy.Aspects[i].Absorbs
		}
	}
	return nil
}

func (l *lexicon) addAspect(r dict.Row) error {
	a := aspectTerm{id: r.ID(), term: r.Get("term"), sub: r.Get("sub"), touchpoint: r.Get("touchpoint"), weight: 1}
	var err error
	if a.aspect, err = aspectIndex(r.Get("aspect")); err != nil {
		return err
	}
	if err := l.taxonomy.check(int(a.aspect), a.sub, a.touchpoint); err != nil {
		return err
	}
	if w := r.Get("weight"); w != "" {
		f, err := strconv.ParseFloat(w, 32)
		if err != nil || f <= 0 || f > 10 {
			return fmt.Errorf("weight %q is no number over 0 and up to 10", w)
		}
		a.weight = float32(f)
	}
	id, err := l.element(a.term)
	if err != nil {
		return err
	}
	l.build.byElem[id].aspect = int32(len(l.aspects))
	l.aspects = append(l.aspects, a)
	return nil
}

func (l *lexicon) addEvaluation(r dict.Row) error {
	e := evaluation{id: r.ID(), term: r.Get("term"), pos: r.Get("pos"), qualities: r.List("quality")}
	var err error
	if e.polarity, err = polarity(r.Get("polarity")); err != nil {
		return err
	}
	if e.negated, err = polarity(r.Get("negated")); err != nil {
		return err
	}
	if e.aspects, err = weights(r.List("aspect")); err != nil {
		return err
	}
	for _, b := range r.List("beside") {
		name, p, _ := strings.Cut(b, "=")
		a, err := aspectIndex(name)
		if err != nil {
			return err
		}
		v, err := polarity(p)
		if err != nil {
			return err
		}
		e.beside = append(e.beside, beside{a, v})
	}
	if !slices.Contains([]string{"", "verb", "adj", "noun", "adv"}, e.pos) {
		return fmt.Errorf("pos %q is none of verb, adj, noun, adv", e.pos)
	}
	if err := l.taxonomy.checkQualities(e.qualities); err != nil {
		return err
	}
	id, err := l.element(e.term)
	if err != nil {
		return err
	}
	l.build.byElem[id].evaluation = int32(len(l.evaluations))
	l.evaluations = append(l.evaluations, e)
	return nil
}

func (l *lexicon) addProcedure(r dict.Row) error {
	p := procedure{id: r.ID(), term: r.Get("term"), firm: r.Get("firm") == "yes"}
	var err error
	if p.aspect, err = aspectIndex(r.Get("aspect")); err != nil {
		return err
	}
	id, err := l.element(p.term)
	if err != nil {
		return err
	}
	l.build.byElem[id].procedure = int32(len(l.procedures))
	l.procedures = append(l.procedures, p)
	return nil
}

func (l *lexicon) addExpression(r dict.Row) error {
	e := rule{id: r.ID(), kind: expressionRule, sub: r.Get("sub"), qualities: r.List("quality"), conf: .8}
	switch t := r.Get("type"); {
	case t == "void":
		e.void = true
	case t != "" && !slices.Contains(voc.Types(), voc.Type(t)):
		return fmt.Errorf("type %q is none of complaint, expectation, praise, inquiry, void", t)
	default:
		e.typ = voc.Type(t)
	}
	var err error
	if e.aspects, err = weights(r.List("aspect")); err != nil {
		return err
	}
	if e.polarity, err = polarity(r.Get("polarity")); err != nil {
		return err
	}
	if e.conf, err = confidence(r.Get("confidence")); err != nil {
		return err
	}
	if err := l.taxonomy.checkQualities(e.qualities); err != nil {
		return err
	}
	return l.addRule(r, e)
}

func (l *lexicon) addCue(r dict.Row) error {
	e := rule{id: r.ID(), kind: cueRule, value: r.Get("value"), conf: 1}
	var err error
	if e.cue, err = l.taxonomy.cue(r.Get("kind"), e.value); err != nil {
		return err
	}
	if w := r.Get("weight"); w != "" {
		f, err := strconv.ParseFloat(w, 32)
		if err != nil || f < -10 || f > 10 {
			return fmt.Errorf("weight %q is no number from -10 to 10", w)
		}
		e.conf = float32(f)
	}
	return l.addRule(r, e)
}

func (l *lexicon) addRisk(r dict.Row) error {
	e := rule{id: r.ID(), kind: riskRule, value: r.Get("flag"), conf: 1}
	e.signal = slices.Contains(voc.Signals(), e.value)
	if !e.signal && !slices.Contains(voc.Risks(), e.value) {
		return fmt.Errorf("flag %q is neither a risk nor a signal", e.value)
	}
	return l.addRule(r, e)
}

// addConcept reads a class of words that a model takes as one.
func (l *lexicon) addConcept(r dict.Row) error {
	c := int16(len(l.conceptIDs))
	l.conceptIDs = append(l.conceptIDs, r.ID())
	for word := range strings.FieldsSeq(r.Get("words")) {
		id, err := l.element(word)
		if err != nil {
			return err
		}
		if m := &l.build.byElem[id]; !slices.Contains(m.concepts, c) {
			m.concepts = append(m.concepts, c)
		}
	}
	return nil
}

func (l *lexicon) addRule(r dict.Row, e rule) error {
	var err error
	if e.when, err = parseCondition(r.Get("when")); err != nil {
		return err
	}
	ps, err := l.parse(r.Get("pattern"))
	if err != nil {
		return err
	}
	id := int32(len(l.rules))
	l.rules = append(l.rules, e)
	for _, p := range ps {
		m := &l.build.byElem[p.elements[0].id]
		m.patterns = append(m.patterns, int32(len(l.patterns)))
		l.patterns = append(l.patterns, owned{p, id})
	}
	return nil
}

func aspectIndex(name string) (int8, error) {
	i := slices.Index(voc.Aspects(), voc.Aspect(name))
	if i < 0 {
		return 0, fmt.Errorf("aspect %q is none of the fifteen", name)
	}
	return int8(i), nil
}

// weights reads "access:1.5", the weight being 1 where it is left out.
func weights(cells []string) ([]weighted, error) {
	var out []weighted
	for _, c := range cells {
		name, num, given := strings.Cut(c, ":")
		a, err := aspectIndex(name)
		if err != nil {
			return nil, err
		}
		w := 1.0
		if given {
			if w, err = strconv.ParseFloat(num, 32); err != nil || w <= 0 || w > 10 {
				return nil, fmt.Errorf("weight %q is no number over 0 and up to 10", num)
			}
		}
		out = append(out, weighted{a, float32(w)})
	}
	return out, nil
}

func polarity(s string) (int8, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < -2 || n > 2 {
		return 0, fmt.Errorf("polarity %q is none of -2 to 2", s)
	}
	return int8(n), nil
}

func confidence(s string) (float32, error) {
	if s == "" {
		return .8, nil
	}
	f, err := strconv.ParseFloat(s, 32)
	if err != nil || f <= 0 || f > 1 {
		return 0, fmt.Errorf("confidence %q is no number over 0 and up to 1", s)
	}
	return float32(f), nil
}
