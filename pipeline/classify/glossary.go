package classify

import (
	"fmt"
	"strings"

	"github.com/koe-voc/koe/pipeline/model"
	"github.com/koe-voc/koe/pipeline/voc"
)

// glossary turns facts back into words. Facts hold hashes; what they can be
// hashes of stands in the record and in the dictionary.
type glossary struct {
	words    map[uint32]string
	ends     map[uint32]string // of two words that close a clause of three
	concepts []string
}

func newGlossary(w *work) *glossary {
	g := &glossary{words: map[uint32]string{}, ends: map[uint32]string{}, concepts: w.lex.conceptIDs}
	add := func(s string) { g.words[model.Hash(s)] = s }
	var last uint32
	for i := range w.rec.Tokens {
		t := &w.rec.Tokens[i]
		add(t.Base)
		switch t.POS {
		case voc.Comma, voc.Period, voc.BracketClose, voc.BracketOpen:
			continue
		default:
		}
		h := model.Hash(t.Base)
		g.ends[last*31+h] = g.words[last] + " " + t.Base
		last = h
	}
	for _, s := range w.rec.Segments {
		add(string(s.Role))
	}
	add(string(w.rec.Channel))
	for i := range w.lex.aspects {
		add(w.lex.aspects[i].sub)
	}
	for i := range w.lex.rules {
		add(w.lex.rules[i].value)
	}
	return g
}

// word is what h is the hash of.
func (g *glossary) word(h uint32) string {
	if s, ok := g.words[h]; ok {
		return "「" + s + "」"
	}
	return fmt.Sprintf("#%08x", h)
}

// spoken is how the facts of a kind are put into words: what they are facts of
// and how their numbers are read.
type spoken struct {
	what string
	read func(g *glossary, f fact) string
}

// name puts a fact into words.
func (g *glossary) name(f fact) string {
	all := spokenKinds()
	if int(f.kind) >= len(all) || all[f.kind].read == nil {
		return fmt.Sprintf("fact %d %d %d", f.kind, f.a, f.b)
	}
	s := all[f.kind]
	if tail := s.read(g, f); tail != "" {
		return s.what + " " + tail
	}
	return s.what
}

// spokenKinds has an entry for every kind, at its number.
func spokenKinds() []spoken {
	return []spoken{
		kindRole:       {"role", readWord},
		kindChannel:    {"channel", readWord},
		kindWord:       {"word", readWord},
		kindNegated:    {"negated word", readWord},
		kindEnd:        {"ends in", readWord},
		kindEnd2:       {"ends in", readTwo},
		kindEnd3:       {"ends in", readThree},
		kindSign:       {"sign", readWord},
		kindFunction:   {"function word", readWord},
		kindModality:   {"modality", readModality},
		kindLetters:    {"letters", readLetters},
		kindConcept:    {"concept", readConcept},
		kindNoConcept:  {"negated concept", readConcept},
		kindCounter:    {"counter", readWord},
		kindLength:     {"length", readLength},
		kindPlace:      {"place", readPlace},
		kindTerm:       {"term of", readAspect},
		kindSub:        {"term of", readSub},
		kindPolar:      {"evaluation", readPolarity},
		kindPolarOn:    {"evaluation", readPolarity},
		kindOrder:      {"order of", readOrder},
		kindRule:       {"expression", readRule},
		kindRuleOn:     {"expression", readRuleOn},
		kindCue:        {"cue", readCue},
		kindRisk:       {"risk", readWord},
		kindFarTerm:    {"elsewhere in the sentence: term of", readAspect},
		kindFarSub:     {"elsewhere in the sentence: term of", readSub},
		kindFarPolar:   {"elsewhere in the sentence: evaluation", readPolarity},
		kindFarPolarOn: {"elsewhere in the sentence: evaluation", readPolarity},
		kindFarOrder:   {"elsewhere in the sentence: order of", readOrder},
		kindFarRule:    {"elsewhere in the sentence: expression", readRule},
		kindFarRuleOn:  {"elsewhere in the sentence: expression", readRuleOn},
		kindFarCue:     {"elsewhere in the sentence: cue", readCue},

		kindVoice:       {"rules find", readType},
		kindVoiceOn:     {"rules find", readPair},
		kindVoiceAspect: {"rules find a voice on", readAspect},
		kindVoiceSure:   {"rules find", readSure},
		kindVoiceless:   {"rules find nothing", readNothing},
		kindGeneric:     {"rules find a voice that names no thing", readNothing},

		kindBeforeConcept:  {"clause before: concept", readConcept},
		kindBeforeModality: {"clause before: modality", readModality},
		kindBeforeVoice:    {"clause before: rules find", readType},
		kindAfterConcept:   {"clause after: concept", readConcept},
		kindAfterModality:  {"clause after: modality", readModality},
		kindAfterVoice:     {"clause after: rules find", readType},
		kindRecordWord:     {"record: word", readWord},
		kindRecordConcept:  {"record: concept", readConcept},
		kindRecordType:     {"record: rules find", readType},
		kindRecordAspect:   {"record: rules find a voice on", readAspect},
		kindQuestionWord:   {"question of the form: word", readWord},

		kindType:       {"type", readType},
		kindAspect:     {"aspect", readAspect},
		kindTypeAspect: {"pair", readPair},
	}
}

// negatedFact marks facts of matches that are negated.
const negatedFact = 64

func readNothing(*glossary, fact) string { return "" }

func readWord(g *glossary, f fact) string { return g.word(f.a) }

func readTwo(g *glossary, f fact) string { return g.word(f.a) + g.word(f.b) }

func readThree(g *glossary, f fact) string {
	if s, ok := g.ends[f.b]; ok {
		return g.word(f.a) + "「" + strings.ReplaceAll(s, " ", "」「") + "」"
	}
	return g.word(f.a) + g.word(f.b)
}

func readModality(_ *glossary, f fact) string { return modalityName(int(f.a) - 1) }

func readLetters(_ *glossary, f fact) string { return string([]rune{rune(f.a), rune(f.b)}) }

func readConcept(g *glossary, f fact) string {
	if i := int(f.a) - 1; i >= 0 && i < len(g.concepts) {
		return g.concepts[i]
	}
	return fmt.Sprint(f.a)
}

func readLength(_ *glossary, f fact) string {
	n := 3 * (int(f.a) - 1)
	if f.a > 6 {
		return fmt.Sprintf("%d tokens or more", n)
	}
	return fmt.Sprintf("%d to %d tokens", n, n+2)
}

func readPlace(_ *glossary, f fact) string {
	switch f.a {
	case 1:
		return "alone in its segment"
	case 3:
		return "last of its segment"
	case 5:
		return "first of its segment"
	case 7:
		return "inside of its segment"
	case 16:
		return "in a record of 8 clauses or more"
	}
	return fmt.Sprintf("in a record of %d clauses", int(f.a)-8)
}

func readAspect(_ *glossary, f fact) string { return aspectName(int(f.a) - 1) }

func readSub(g *glossary, f fact) string { return aspectName(int(f.a)-1) + "/" + g.words[f.b] }

func readPolarity(_ *glossary, f fact) string {
	if f.a < 1<<8 {
		return fmt.Sprintf("%+d", int(f.a)-3)
	}
	return fmt.Sprintf("%+d on %s", int(f.a>>8)-3, aspectName(int(f.a&0xff)-1))
}

func readOrder(_ *glossary, f fact) string {
	return negation(f.a) + aspectName(int(f.a&(negatedFact-1))-1)
}

func readRule(_ *glossary, f fact) string {
	return negation(f.a) + ruleType(f.a&(negatedFact-1))
}

func readRuleOn(_ *glossary, f fact) string {
	return ruleType(f.a>>8) + "/" + aspectName(int(f.a&0xff)-1)
}

func readCue(g *glossary, f fact) string { return joined(cueKind(f.a-1).String(), g.words[f.b]) }

func readType(_ *glossary, f fact) string { return typeName(int(f.a) - 1) }

func readPair(_ *glossary, f fact) string {
	return typeName(int(f.a>>8)-1) + "/" + aspectName(int(f.a&0xff)-1)
}

func readSure(_ *glossary, f fact) string {
	return fmt.Sprintf("%s at %.1f or more", typeName(int(f.a>>8)-1), float64(f.a&0xff-1)/5)
}

func negation(a uint32) string {
	if a&negatedFact != 0 {
		return "negated "
	}
	return ""
}

// ruleType is the type of an expression by its number in a fact.
func ruleType(n uint32) string {
	switch n {
	case 1:
		return "without a type"
	case 9:
		return "void"
	}
	return typeName(int(n) - 2)
}

func typeName(i int) string {
	if i < 0 || i >= len(voc.Types()) {
		return "none"
	}
	return string(voc.Types()[i])
}

func aspectName(i int) string {
	if i < 0 || i >= nAspects {
		return "none"
	}
	return string(voc.Aspects()[i])
}

func aspectNames(list []weighted) string {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = aspectName(int(a.aspect))
	}
	return strings.Join(names, ",")
}

func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " ")
}

// modalities are the names of those that hold.
func modalities(m voc.Modality) []string {
	var out []string
	for bit := range 32 {
		if m>>bit&1 != 0 {
			out = append(out, modalityName(bit))
		}
	}
	return out
}

func modalityName(bit int) string {
	names := [...]string{
		"negated", "double negation", "wish", "request", "suggestion", "question", "rhetorical", "condition", "hearsay", "report",
		"benefactive", "adversative", "unable", "past", "counterfactual", "concessive", "intensified", "softened", "quoted", "operator action",
	}
	if bit < 0 || bit >= len(names) {
		return fmt.Sprint(bit)
	}
	return names[bit]
}

// String is the kind as cues.tsv writes it.
func (c cueKind) String() string {
	names := [...]string{
		cueComplaint: "complaint", cueExpectation: "expectation", cuePraise: "praise", cueInquiry: "inquiry", cueLabel: "label", cueAsk: "ask",
		cueImprove: "improve", cueWish: "wish", cueVoid: "void", cueNone: "none", cueAutomatic: "automatic", cueOperator: "operator",
		cueConcede: "concede", cueOwn: "own", cueOwnError: "own_error", cueOthers: "others", cuePrior: "prior", cueSource: "source",
		cueQuality: "quality", cueJourney: "journey", cueFulfilment: "fulfilment", cueResponse: "response", cueIntense: "intense",
		cueSoft: "soft", cueMention: "mention", cueAsked: "asked",
	}
	if int(c) >= len(names) {
		return fmt.Sprint(int(c))
	}
	return names[c]
}
