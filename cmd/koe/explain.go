package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/voc"
)

func newExplainCommand(c *cli) *cobra.Command {
	var channel string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [TEXT | FILE]",
		Short: "show how a text came to its labels",
		Long: `explain labels a text, or each record of a file or stdin (-) as koe classify
reads them, and shows the way there: tokens and bunsetsu with what each depends
on (→); for each clause the entries of the dictionary that were found, the voices
that the rules find and the votes of the model; for each voice the facts that
weighed most for its type and its aspect (in log-odds, - against it), and how
likely the model takes what hangs on it. Personal data is masked first.

A rule that is named here stands in the dictionary under that id. Of a fact with
a #number the word is not known.
` + exitCodes,
		Example: `  koe explain '電話が全然つながりません。'
  koe explain --channel call '解約希望とのこと。'
  echo '{"id":"1","channel":"chat","turns":[{"speaker":"customer","text":"届きません"}]}' | koe explain --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f := &filter{c: c}
			f.write = func(ctx context.Context, id string, contact voc.Contact) (any, error) {
				e, err := f.explain(ctx, id, contact)
				if err != nil || asJSON {
					return e, err
				}
				return page{e}, nil
			}
			if len(args) == 0 {
				return f.run(cmd.Context(), nil)
			}
			if file, err := isFile(args[0]); err != nil {
				return err
			} else if file {
				return f.run(cmd.Context(), args)
			}
			return f.text(cmd.Context(), channel, args[0])
		},
	}
	cmd.Flags().StringVar(&channel, "channel", string(voc.ChannelMail), "of TEXT: call (the operator's note), chat, mail, form, sns, survey or video")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// isFile tells a file from a text. A name like that of a file is no text.
func isFile(arg string) (bool, error) {
	st, err := os.Stat(arg)
	switch ext := filepath.Ext(arg); {
	case arg == "-", err == nil && !st.IsDir():
		return true, nil
	case err == nil && st.IsDir():
		return false, usage("%s is a folder; name a file of records or write a text", arg)
	case errors.Is(err, fs.ErrNotExist) && (ext == ".jsonl" || ext == ".json" || ext == ".txt"):
		return false, usage("open: %w", err)
	}
	return false, nil
}

// text explains one text.
func (f *filter) text(ctx context.Context, channel, text string) error {
	if strings.TrimSpace(text) == "" {
		return usage("the text is empty")
	}
	if !slices.Contains([]voc.Channel{voc.ChannelCall, voc.ChannelChat, voc.ChannelMail, voc.ChannelForm, voc.ChannelSNS, voc.ChannelSurvey, voc.ChannelVideo}, voc.Channel(channel)) {
		return usage("--channel %q: write call, chat, mail, form, sns, survey or video", channel)
	}
	line, err := json.Marshal(struct {
		ID      string `json:"id"`
		Channel string `json:"channel"`
		Text    string `json:"text"`
	}{"text", channel, text})
	if err != nil {
		return fmt.Errorf("read the text: %w", err)
	}
	if err := f.open(); err != nil {
		return err
	}
	return f.line(ctx, line, f.c.out)
}

// explained is what koe explain --json prints. Offsets are code points of the
// masked text, numbers of bunsetsu and clauses count from 0.
type explained struct {
	ID           string              `json:"id"`
	Channel      voc.Channel         `json:"channel"`
	Text         string              `json:"text"`
	Sentences    []explainedSentence `json:"sentences"`
	Voices       []explainedVoice    `json:"voices"`
	Risks        []json.RawMessage   `json:"risks"`
	Signals      []json.RawMessage   `json:"signals"`
	Mentions     []json.RawMessage   `json:"mentions"`
	Unclassified []json.RawMessage   `json:"unclassified"`
	Definition   string              `json:"definition_version"`
}

type place struct {
	Text  string `json:"text"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

type explainedSentence struct {
	place
	Role     voc.Role            `json:"role"`
	Bunsetsu []explainedBunsetsu `json:"bunsetsu"`
	Clauses  []explainedClause   `json:"clauses"`
}

type explainedBunsetsu struct {
	Text   string           `json:"text"`
	Link   int              `json:"link"` // bunsetsu of the sentence that it depends on, -1: none
	Tokens []explainedToken `json:"tokens"`
}

type explainedToken struct {
	Surface string `json:"surface"`
	Base    string `json:"base"`
	Reading string `json:"reading,omitempty"`
	POS     string `json:"pos"`
	Known   bool   `json:"known"`
}

type explainedClause struct {
	place
	Number   int             `json:"number"` // that voices name; -1: nobody looks for voices in it
	Modality []string        `json:"modality"`
	Found    []explainedFind `json:"found"`
	Rules    []explainedRule `json:"rules"`
	Types    []odds          `json:"types"`
	Aspects  []odds          `json:"aspects"` // the likeliest
}

type explainedFind struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Says    string `json:"says,omitempty"`
	Text    string `json:"text,omitempty"`
	Negated bool   `json:"negated,omitempty"`
}

type explainedRule struct {
	Type       voc.Type   `json:"type"`
	Aspect     voc.Aspect `json:"aspect"`
	Rule       string     `json:"rule"`
	Confidence float64    `json:"confidence"`
}

type odds struct {
	Name        string  `json:"name"`
	Probability float64 `json:"probability"`
}

type weight struct {
	Fact   string  `json:"fact"`
	Weight float64 `json:"weight"`
}

type explainedVoice struct {
	Voice      json.RawMessage `json:"voice"`
	Clause     int             `json:"clause"` // -1: none
	Type       *odds           `json:"type,omitempty"`
	Aspect     *odds           `json:"aspect,omitempty"`
	ForType    []weight        `json:"for_type,omitempty"`
	ForAspect  []weight        `json:"for_aspect,omitempty"`
	Attributes []odds          `json:"attributes,omitempty"`

	voice voc.Voice
}

// explain masks and labels a contact and tells the way.
func (f *filter) explain(ctx context.Context, id string, c voc.Contact) (*explained, error) {
	rec, err := f.lab.masker.Mask(c)
	if err != nil {
		return nil, err
	}
	if err := f.lab.words.Apply(ctx, &rec); err != nil {
		return nil, fmt.Errorf("morph: %w", err)
	}
	if err := f.lab.chunker.Apply(ctx, &rec); err != nil {
		return nil, fmt.Errorf("chunk: %w", err)
	}
	x, err := f.lab.class.Explain(ctx, &rec)
	if err != nil {
		return nil, err
	}
	rec.Definition = f.lab.version
	data, err := rec.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write record: %w", err)
	}
	none := []json.RawMessage{}
	l := labels{Voices: none, Risks: none, Signals: none, Mentions: none, Unclassified: none}
	if err := json.Unmarshal(data, &l); err != nil {
		return nil, fmt.Errorf("write record: %w", err)
	}
	out := &explained{
		ID: id, Channel: rec.Channel, Text: rec.Text, Voices: []explainedVoice{}, Risks: l.Risks, Signals: l.Signals, Mentions: l.Mentions,
		Unclassified: l.Unclassified, Definition: rec.Definition,
	}
	out.Sentences = (&teller{rec: &rec, runes: runesAt(rec.Text), views: x.Clauses}).sentences()
	for i, v := range x.Voices {
		e := explainedVoice{Voice: l.Voices[i], Clause: v.Clause, voice: rec.Voices[i], ForType: weightsOf(v.ForType), ForAspect: weightsOf(v.ForAspect), Attributes: oddsOf(v.Attributes)}
		if v.Type.Name != "" {
			e.Type, e.Aspect = &odds{v.Type.Name, v.Type.Probability}, &odds{v.Aspect.Name, v.Aspect.Probability}
		}
		out.Voices = append(out.Voices, e)
	}
	return out, nil
}

// teller puts a labelled record into the form that is shown.
type teller struct {
	rec     *voc.Record
	runes   []int // by byte of the text: code points before it
	views   []classify.ClauseView
	next    int // of views
	clauses int // next of rec.Clauses
	chunks  int // next of rec.Bunsetsu
}

func runesAt(text string) []int {
	at := make([]int, len(text)+1)
	n := 0
	for i := range len(text) {
		if utf8.RuneStart(text[i]) {
			at[i] = n
			n++
			continue
		}
		at[i] = n
	}
	at[len(text)] = n
	return at
}

func (t *teller) place(s voc.Span) place {
	return place{t.rec.Slice(s), t.runes[s.From], t.runes[s.To]}
}

func (t *teller) sentences() []explainedSentence {
	out := make([]explainedSentence, 0, len(t.rec.Sentences))
	for i := range t.rec.Sentences {
		s := &t.rec.Sentences[i]
		e := explainedSentence{place: t.place(s.Span), Role: t.rec.Segments[s.Segment].Role, Bunsetsu: []explainedBunsetsu{}, Clauses: []explainedClause{}}
		first := t.chunks
		for ; t.chunks < len(t.rec.Bunsetsu) && t.rec.Bunsetsu[t.chunks].Sentence == i; t.chunks++ {
			e.Bunsetsu = append(e.Bunsetsu, t.bunsetsu(&t.rec.Bunsetsu[t.chunks], first))
		}
		for ; t.clauses < len(t.rec.Clauses) && t.rec.Clauses[t.clauses].Sentence == i; t.clauses++ {
			e.Clauses = append(e.Clauses, t.clause(&t.rec.Clauses[t.clauses]))
		}
		out = append(out, e)
	}
	return out
}

func (t *teller) bunsetsu(b *voc.Bunsetsu, first int) explainedBunsetsu {
	out := explainedBunsetsu{Link: -1}
	if b.Link >= 0 {
		out.Link = b.Link - first
	}
	for i := b.FromToken; i < b.ToToken; i++ {
		k := &t.rec.Tokens[i]
		surface := t.rec.Slice(k.Span)
		out.Text += surface
		out.Tokens = append(out.Tokens, explainedToken{surface, k.Base, k.Reading, posName(k.POS), k.Known})
	}
	return out
}

// clause tells of a clause, with the view that belongs to it if it was read:
// views come in the order of the clauses.
func (t *teller) clause(c *voc.Clause) explainedClause {
	out := explainedClause{place: t.place(c.Span), Number: -1, Modality: []string{}, Found: []explainedFind{}, Rules: []explainedRule{}, Types: []odds{}, Aspects: []odds{}}
	if t.next == len(t.views) {
		return out
	}
	v := &t.views[t.next]
	if v.Clause.Sentence != c.Sentence || v.Clause.FromToken != c.FromToken || v.Clause.ToToken != c.ToToken {
		return out
	}
	out.Number = t.next
	t.next++
	out.Modality = append(out.Modality, v.Modality...)
	for _, f := range v.Found {
		e := explainedFind{Kind: f.Kind, ID: f.ID, Says: f.Says, Negated: f.Negated}
		if f.Span != v.Clause.Span {
			e.Text = t.rec.Slice(f.Span)
		}
		out.Found = append(out.Found, e)
	}
	for i := range v.Rules {
		r := &v.Rules[i]
		out.Rules = append(out.Rules, explainedRule{r.Type, r.Aspect, r.Rule, r.Confidence})
	}
	out.Types, out.Aspects = append(out.Types, oddsOf(v.Types)...), append(out.Aspects, oddsOf(v.Aspects)...)
	return out
}

func oddsOf(in []classify.Odds) []odds {
	var out []odds
	for _, o := range in {
		out = append(out, odds(o))
	}
	return out
}

func weightsOf(in []classify.Weight) []weight {
	var out []weight
	for _, w := range in {
		out = append(out, weight(w))
	}
	return out
}
