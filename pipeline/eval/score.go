package eval

import (
	"cmp"
	"slices"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Label is a voice as far as it is compared: records are compared by the set
// of their pairs.
type Label struct {
	Type   voc.Type
	Aspect voc.Aspect
}

// Case is one record with what it should have and what it was given.
type Case struct {
	ID       string
	Channel  string // empty: not said
	Industry string
	Trap     string
	Manner   string // of writing

	Gold, Found           []Label  // duplicates count once
	GoldRisks, FoundRisks []string // duplicates count once
	GoldMarks, FoundMarks []string // signals
	OperatorVoices        int      // voices found in an operator's turn

	GoldVoices, FoundVoices []Voice // the labels again, with what hangs on them
	Unclassified            int     // clauses that stayed unclassified
}

// Count is what precision and recall are made of.
type Count struct {
	Right    int `json:"right"`
	Spurious int `json:"spurious"`
	Missed   int `json:"missed"`
}

func (c *Count) add(o Count) {
	c.Right += o.Right
	c.Spurious += o.Spurious
	c.Missed += o.Missed
}

// Precision is the share of the found that is right, 0 if nothing was found.
func (c Count) Precision() float64 { return ratio(c.Right, c.Right+c.Spurious) }

// Recall is the share of the gold that was found, 0 if there is none.
func (c Count) Recall() float64 { return ratio(c.Right, c.Right+c.Missed) }

// F1 is the harmonic mean of precision and recall, 0 if both sides are empty.
func (c Count) F1() float64 { return ratio(2*c.Right, 2*c.Right+c.Spurious+c.Missed) }

func ratio(k, n int) float64 {
	if n == 0 {
		return 0
	}
	return float64(k) / float64(n)
}

// Class is one label with its counts.
type Class struct {
	Name string `json:"name"`
	Count
}

// Table is the score of one kind of label over many records.
type Table struct {
	Micro   Count   `json:"micro"`
	Classes []Class `json:"classes"` // in the order of the taxonomy, else by name
	Macro   Average `json:"macro"`   // over the classes that occur in the gold labels
}

// Average is the mean over classes.
type Average struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// Share is a count of records: K of N.
type Share struct {
	K int `json:"k"`
	N int `json:"n"`
}

func (s *Share) add(other Share) { s.K, s.N = s.K+other.K, s.N+other.N }

// Of returns K/N, 0 if N is 0.
func (s Share) Of() float64 { return ratio(s.K, s.N) }

// Group is the score of the records of one channel, trap, industry or manner.
type Group struct {
	Name        string `json:"name"`
	Records     int    `json:"records"`
	Types       Count  `json:"types"`
	Pairs       Count  `json:"pairs"`
	ExactTypes  Share  `json:"exact_types"`
	ExactPairs  Share  `json:"exact_pairs"`
	FoundVoices int    `json:"found_voices"`
}

// Confusion is a gold pair that was missed, what was found in its place, and
// the records in which that happened. One side may be empty.
type Confusion struct {
	Gold  string   `json:"gold"`  // "complaint/delivery"; empty: nothing
	Found string   `json:"found"` // the same
	IDs   []string `json:"ids"`
}

// Report is everything that Score finds out.
type Report struct {
	Records        int         `json:"records"`
	Types          Table       `json:"types"`
	Pairs          Table       `json:"pairs"`
	Aspects        Table       `json:"aspects"`
	Risks          Table       `json:"risks"`
	Signals        Table       `json:"signals"`
	ExactTypes     Share       `json:"exact_types"`
	ExactPairs     Share       `json:"exact_pairs"`
	Silent         Share       `json:"silent"`          // records without a voice that were given none
	Voiced         Share       `json:"voiced"`          // records with a voice that were given one
	OperatorVoices int         `json:"operator_voices"` // voices that were found in an operator's turn
	Channels       []Group     `json:"channels"`
	Traps          []Group     `json:"traps"`
	Industries     []Group     `json:"industries"`
	Manners        []Group     `json:"manners"`
	Confusions     []Confusion `json:"confusions,omitempty"` // most frequent first
	Calibration    Calibration `json:"calibration"`
	Attributes     Attributes  `json:"attributes"`
	Unclassified   Share       `json:"unclassified"` // contacts with an unclassified clause, of those in which anything was found
}

// Score compares. The definitions are those of score_voices.py: labels are
// sets by record, micro figures sum over all records and classes, macro
// figures are means over the classes of the gold labels.
func Score(cases []Case) Report {
	r := Report{Records: len(cases)}
	types, pairs, aspects := tally{}, tally{}, tally{}
	risks, signals := tally{}, tally{}
	channels, traps, industries, manners := groups{}, groups{}, groups{}, groups{}
	hung := attributeTally{priors: tally{}, fulfilments: tally{}}
	r.Calibration = newCalibration()
	conf := map[[2]string][]string{}
	for i := range cases {
		c := &cases[i]
		gold, found := pairsOf(c.Gold), pairsOf(c.Found)
		gt, ft := typesOf(c.Gold), typesOf(c.Found)
		ct, cp := types.add(gt, ft), pairs.add(gold, found)
		aspects.add(aspectsOf(c.Gold), aspectsOf(c.Found))
		risks.add(set(c.GoldRisks), set(c.FoundRisks))
		signals.add(set(c.GoldMarks), set(c.FoundMarks))
		exactT, exactP := slices.Equal(gt, ft), slices.Equal(gold, found)
		r.ExactTypes.count(exactT)
		r.ExactPairs.count(exactP)
		if len(gold) == 0 {
			r.Silent.count(len(found) == 0)
		} else {
			r.Voiced.count(len(found) > 0)
		}
		r.OperatorVoices += c.OperatorVoices
		for _, g := range []struct {
			in   groups
			name string
		}{{channels, c.Channel}, {traps, c.Trap}, {industries, c.Industry}, {manners, c.Manner}} {
			g.in.add(g.name, ct, cp, exactT, exactP)
		}
		confuse(conf, c.ID, gold, found)
		hung.voices(&r.Calibration, c)
		if len(found) > 0 || c.Unclassified > 0 {
			r.Unclassified.count(c.Unclassified > 0)
		}
	}
	r.Types, r.Pairs = types.table(names(voc.Types())), pairs.table(nil)
	r.Aspects = aspects.table(names(voc.Aspects()))
	r.Risks, r.Signals = risks.table(voc.Risks()), signals.table(voc.Signals())
	r.Channels, r.Traps, r.Industries, r.Manners = channels.list(), traps.list(), industries.list(), manners.list()
	r.Calibration.close()
	r.Attributes = hung.report()
	for k, ids := range conf {
		r.Confusions = append(r.Confusions, Confusion{k[0], k[1], ids})
	}
	slices.SortFunc(r.Confusions, func(a, b Confusion) int {
		return cmp.Or(cmp.Compare(len(b.IDs), len(a.IDs)), cmp.Compare(a.Gold, b.Gold), cmp.Compare(a.Found, b.Found))
	})
	return r
}

func (s *Share) count(hit bool) {
	s.N++
	if hit {
		s.K++
	}
}

func names[T ~string](in []T) []string {
	var out []string
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

func set(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

func mapSet(in []Label, f func(Label) string) []string {
	out := make([]string, 0, len(in))
	for _, l := range in {
		out = append(out, f(l))
	}
	return set(out)
}

func pairsOf(in []Label) []string {
	return mapSet(in, func(l Label) string { return string(l.Type) + "/" + string(l.Aspect) })
}

func typesOf(in []Label) []string { return mapSet(in, func(l Label) string { return string(l.Type) }) }

func aspectsOf(in []Label) []string {
	return mapSet(in, func(l Label) string { return string(l.Aspect) })
}
