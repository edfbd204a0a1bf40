package classify

import (
	"fmt"
	"slices"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Taxonomy is taxonomy.yaml: the ids, labels and definitions of everything
// that a voice or a record can be labelled with. The ids of types, aspects,
// risks and signals are those of package voc, in its order.
type Taxonomy struct {
	Types        []Term   `yaml:"types"`
	Aspects      []Aspect `yaml:"aspects"`
	TouchPoints  []Term   `yaml:"touchpoints"`
	Qualities    []Term   `yaml:"qualities"`
	Priors       []Term   `yaml:"priors"`
	PriorSources []Term   `yaml:"prior_sources"`
	Fulfilments  []Term   `yaml:"fulfilments"`
	Journeys     []Term   `yaml:"journeys"`
	Kinds        []Term   `yaml:"kinds"`
	Risks        []Term   `yaml:"risks"`
	Signals      []Term   `yaml:"signals"`
	Mentions     []Term   `yaml:"mentions"`
}

// Term is one id with what people call it and what it means, in Japanese.
type Term struct {
	ID         string `yaml:"id"`
	Label      string `yaml:"label"`
	Definition string `yaml:"definition"`
}

// Aspect is a Term with its sub-aspects and the touch point and the stage of
// the journey that a voice about it has where nothing says otherwise.
type Aspect struct {
	Term       `yaml:",inline"`
	TouchPoint string   `yaml:"touchpoint"`
	Journey    string   `yaml:"journey"`
	Absorbs    []string `yaml:"absorbs"` // aspects whose complaints say the same in one sentence
	Subs       []Term   `yaml:"subs"`
}

// LoadTaxonomy reads taxonomy.yaml. It is an error if its ids are not those
// that this program knows.
func LoadTaxonomy(d *dict.Set) (*Taxonomy, error) {
	var t Taxonomy
	if err := d.YAML("taxonomy.yaml", &t); err != nil {
		return nil, err
	}
	var aspects []Term
	for _, a := range t.Aspects {
		aspects = append(aspects, a.Term)
	}
	for _, c := range []struct {
		what string
		got  []Term
		want []string
	}{
		{"types", t.Types, stringsOf(voc.Types())},
		{"aspects", aspects, stringsOf(voc.Aspects())},
		{"risks", t.Risks, voc.Risks()},
		{"signals", t.Signals, voc.Signals()},
	} {
		if !slices.Equal(ids(c.got), c.want) {
			return nil, fmt.Errorf("dictionary file taxonomy.yaml: %s must be %v in that order", c.what, c.want)
		}
	}
	for i, a := range t.Aspects {
		if err := t.check(i, "", a.TouchPoint); err != nil {
			return nil, fmt.Errorf("dictionary file taxonomy.yaml: aspect %s: %w", a.ID, err)
		}
		for _, o := range a.Absorbs {
			if !slices.Contains(stringsOf(voc.Aspects()), o) {
				return nil, fmt.Errorf("dictionary file taxonomy.yaml: aspect %s absorbs %q, which is none of the aspects", a.ID, o)
			}
		}
		if !has(t.Journeys, a.Journey) {
			return nil, fmt.Errorf("dictionary file taxonomy.yaml: aspect %s: journey %q is not in the list", a.ID, a.Journey)
		}
	}
	return &t, nil
}

func ids(terms []Term) []string {
	out := make([]string, 0, len(terms))
	for _, t := range terms {
		out = append(out, t.ID)
	}
	return out
}

func stringsOf[T ~string](in []T) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

func has(terms []Term, id string) bool {
	return id == "" || slices.ContainsFunc(terms, func(t Term) bool { return t.ID == id })
}

func (t *Taxonomy) check(aspect int, sub, touchpoint string) error {
	if !has(t.TouchPoints, touchpoint) {
		return fmt.Errorf("touch point %q is not in taxonomy.yaml", touchpoint)
	}
	if a := t.Aspects[aspect]; !has(a.Subs, sub) {
		return fmt.Errorf("sub-aspect %q is none of aspect %s in taxonomy.yaml", sub, a.ID)
	}
	return nil
}

func (t *Taxonomy) checkQualities(list []string) error {
	for _, q := range list {
		if !has(t.Qualities, q) {
			return fmt.Errorf("quality %q is not in taxonomy.yaml", q)
		}
	}
	return nil
}

// cueKind is what a cue does.
type cueKind uint8

// The kinds of cues.tsv.
const (
	cueComplaint   cueKind = iota // adds to the evidence for a type
	cueExpectation                //
	cuePraise                     //
	cueInquiry                    //
	cueLabel                      // in a note: names the type of what was said
	cueAsk                        // asks for information
	cueImprove                    // a change for all: no routine order
	cueWish                       // a wish in the form of a statement
	cueVoid                       // greeting, closing: the sentence says nothing
	cueNone                       // a negative answer: the whole answer says nothing
	cueAutomatic                  // an automatic message: the whole record says nothing
	cueOperator                   // in a note: the operator's action
	cueConcede                    // what is conceded is no voice
	cueOwn                        // the customer's own circumstance
	cueOwnError                   // taken back: inquiry instead of complaint
	cueOthers                     // others' words
	cuePrior
	cueSource
	cueQuality
	cueJourney
	cueFulfilment
	cueResponse
	cueIntense
	cueSoft
	cueMention
	cueAsked // of a form's question: the type that its answer has
)

func (t *Taxonomy) cue(kind, value string) (cueKind, error) {
	type spec struct {
		kind   cueKind
		values []Term
	}
	specs := map[string]spec{
		"complaint": {cueComplaint, nil}, "expectation": {cueExpectation, nil}, "praise": {cuePraise, nil}, "inquiry": {cueInquiry, nil},
		"label": {cueLabel, t.Types}, "ask": {cueAsk, nil}, "improve": {cueImprove, nil}, "wish": {cueWish, nil}, "void": {cueVoid, nil}, "none": {cueNone, nil},
		"automatic": {cueAutomatic, nil}, "operator": {cueOperator, nil}, "concede": {cueConcede, nil}, "own": {cueOwn, nil},
		"own_error": {cueOwnError, nil}, "others": {cueOthers, nil}, "prior": {cuePrior, t.Priors}, "source": {cueSource, t.PriorSources},
		"quality": {cueQuality, t.Qualities}, "journey": {cueJourney, t.Journeys}, "fulfilment": {cueFulfilment, t.Fulfilments},
		"response": {cueResponse, nil}, "intense": {cueIntense, nil}, "soft": {cueSoft, nil}, "mention": {cueMention, t.Mentions}, "asked": {cueAsked, t.Types},
	}
	s, ok := specs[kind]
	if !ok {
		return 0, fmt.Errorf("kind %q of a cue is not known", kind)
	}
	if (s.values == nil) != (value == "") || !has(s.values, value) {
		return 0, fmt.Errorf("value %q does not fit kind %s", value, kind)
	}
	return s.kind, nil
}
