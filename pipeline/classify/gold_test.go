package classify_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/chunk"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/eval"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

const shared = "../../../shared/data/"

// stages are what a record goes through after the masker.
type stages struct {
	morph    *morph.Analyzer
	chunk    *chunk.Chunker
	classify *classify.Classifier
}

func newStages(t testing.TB) *stages {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	var s stages
	if s.morph, err = morph.New(d); err != nil {
		t.Fatal(err)
	}
	if s.chunk, err = chunk.New(d); err != nil {
		t.Fatal(err)
	}
	if s.classify, err = classify.New(d); err != nil {
		t.Fatal(err)
	}
	return &s
}

// newRules are stages whose classifier has no model.
func newRules(t testing.TB) *stages {
	t.Helper()
	s := newStages(t)
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	if s.classify, err = classify.NewRules(d); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stages) prepare(t testing.TB, r *voc.Record) {
	t.Helper()
	if err := s.morph.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := s.chunk.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func (s *stages) run(t testing.TB, r *voc.Record) {
	t.Helper()
	s.prepare(t, r)
	if err := s.classify.Apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// words are the parts of a contact that hold words.
type words struct {
	Channel string `json:"channel"`
	Text    string `json:"text"`
	Note    string `json:"note"`
	Answer  string `json:"answer"`
	Product string `json:"product"`
	Shop    string `json:"shop"`
	Turns   []turn `json:"turns"`
	Parts   []item `json:"parts"`
}

type turn struct {
	Speaker string `json:"speaker"`
	Role    string `json:"role"`
	Text    string `json:"text"`
}

type item struct {
	Question string `json:"question"`
	Text     string `json:"text"`
}

// goldRecord is a line of a gold file: of this project or of shared data.
type goldRecord struct {
	ID       string       `json:"id"`
	Industry string       `json:"industry"`
	Trap     string       `json:"trap"`
	Contact  *goldContact `json:"contact"`
	words
	Gold    []goldVoice     `json:"gold"`
	Risk    json.RawMessage `json:"risk"`
	Signals json.RawMessage `json:"signals"`
}

type goldContact struct {
	ID string `json:"id"`
	words
}

type goldVoice struct {
	Type       voc.Type   `json:"type"`
	Aspect     voc.Aspect `json:"aspect"`
	Evidence   string     `json:"evidence"`
	TouchPoint string     `json:"touchpoint"`
	Prior      string     `json:"prior"`
	Fulfilment string     `json:"fulfilment"`
}

// flags reads ["churn"] or [{"flag":"churn"}].
func flags(t testing.TB, raw json.RawMessage) []string {
	t.Helper()
	if len(raw) == 0 {
		return nil
	}
	var names []string
	if json.Unmarshal(raw, &names) == nil {
		return names
	}
	names = nil // a failed attempt leaves empty ones
	var objects []struct {
		Flag   string `json:"flag"`
		Name   string `json:"name"`
		Signal string `json:"signal"`
	}
	if err := json.Unmarshal(raw, &objects); err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		names = append(names, o.Flag+o.Name+o.Signal)
	}
	return names
}

func (w *words) record(id string) *voc.Record {
	b := builder{r: &voc.Record{ID: id, Channel: voc.Channel(w.Channel), Product: w.Product, Shop: w.Shop, OccurredAt: time.Unix(0, 0).UTC()}}
	if w.Channel == "email" {
		b.r.Channel = voc.ChannelMail
	}
	for _, x := range w.Turns {
		role := voc.Role(x.Speaker + x.Role)
		b.add(role, x.Text)
	}
	b.add(voc.NoteText, w.Note)
	b.add(voc.AnswerText, w.Answer)
	for _, p := range w.Parts {
		b.add(voc.PartQuestion, p.Question)
		b.add(voc.PartAnswer, p.Text)
	}
	if b.r.Channel == voc.ChannelCall && len(w.Turns) == 0 && w.Note == "" {
		b.add(voc.NoteText, w.Text)
	} else {
		b.add(voc.FreeText, w.Text)
	}
	return b.r
}

type builder struct{ r *voc.Record }

func (b *builder) add(role voc.Role, text string) {
	if text == "" {
		return
	}
	if b.r.Text != "" {
		b.r.Text += "\n"
	}
	from := len(b.r.Text)
	b.r.Text += text
	b.r.Segments = append(b.r.Segments, voc.Segment{Role: role, Span: voc.Span{From: from, To: len(b.r.Text)}})
}

// readGold reads the lines of a file, or of all that match.
func readGold(t testing.TB, pattern string) []goldRecord {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var out []goldRecord
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			t.Fatal(err)
		}
		sc := bufio.NewScanner(f)
		sc.Buffer(nil, 1<<24)
		for sc.Scan() {
			if strings.TrimSpace(sc.Text()) == "" {
				continue
			}
			var g goldRecord
			if err := json.Unmarshal(sc.Bytes(), &g); err != nil {
				t.Errorf("%s: %v", filepath.Base(p), err)
				continue
			}
			if g.Contact != nil {
				g.words = g.Contact.words
				if g.ID == "" {
					g.ID = g.Contact.ID
				}
			}
			out = append(out, g)
		}
		if err := errors.Join(sc.Err(), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// part is 0 to 9 by the hash of the id: 0–5 train, 6–7 tune, 8–9 test.
func part(id string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32() % 10
}

// judge runs the stages over gold records.
func judge(t testing.TB, s *stages, gold []goldRecord) ([]eval.Case, []*voc.Record) {
	t.Helper()
	var cases []eval.Case
	var records []*voc.Record
	for i := range gold {
		g := &gold[i]
		r := g.record(g.ID)
		s.run(t, r)
		c := eval.Case{
			ID: g.ID, Channel: g.Channel, Industry: g.Industry, Trap: g.Trap,
			GoldRisks: flags(t, g.Risk), GoldMarks: flags(t, g.Signals),
		}
		for _, v := range g.Gold {
			c.Gold = append(c.Gold, eval.Label{Type: v.Type, Aspect: v.Aspect})
		}
		for _, v := range r.Voices {
			c.Found = append(c.Found, eval.Label{Type: v.Type, Aspect: v.Aspect})
			if !inVoiced(r, v.Evidence) {
				c.OperatorVoices++
			}
		}
		for _, f := range r.Risks {
			c.FoundRisks = append(c.FoundRisks, f.Name)
		}
		for _, f := range r.Signals {
			c.FoundMarks = append(c.FoundMarks, f.Name)
		}
		cases = append(cases, c)
		records = append(records, r)
	}
	return cases, records
}

func inVoiced(r *voc.Record, s voc.Span) bool {
	for _, seg := range r.Segments {
		if seg.Span.Contains(s) {
			return seg.Role.Voiced()
		}
	}
	return false
}

// need skips a test whose data is not there.
func need(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped: %s is not here; it lies beside the repository only at home", filepath.Base(path))
	}
	return path
}

func mapFS(name, content string) fs.FS {
	return fstest.MapFS{name: &fstest.MapFile{Data: []byte(content)}}
}
