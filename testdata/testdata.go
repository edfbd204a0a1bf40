// Package testdata holds text written for this project: contacts of customers
// who do not exist, with gold labels, for tests, for koe eval and for koe demo.
// It is data and the code that opens it, nothing else.
//
// Folder gold, and wide in it: JSON Lines, one record a line. "contact" is a contact of schema
// v1; beside it stand the industry, the gold voices, risks and signals by the
// taxonomy, a trap (irony, negation, quoted …), the personal data planted in
// the words, and the manner of writing. Folder phrases: labelled stretches of
// words without a contact around them, for training alone.
package testdata

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path"
	"strings"
)

//go:embed gold/*.jsonl gold/wide/*.jsonl phrases/*.tsv
var files embed.FS

// Part is a part of the gold corpus. Rules and models may be made with Train
// and chosen with Tune; of Test only figures are looked at.
type Part string

// The parts of the gold corpus: eight tenths, one tenth, one tenth.
const (
	Train Part = "train"
	Tune  Part = "tune"
	Test  Part = "test"
)

// Record is a line of the gold corpus.
type Record struct {
	Contact  json.RawMessage `json:"contact"` // schema v1
	Industry string          `json:"industry"`
	Voices   []Voice         `json:"gold"`
	Risks    []Flag          `json:"risk"`
	Signals  []Flag          `json:"signals"`
	Trap     string          `json:"trap"`
	PII      [][2]string     `json:"pii"` // verbatim string and kind
	Manner   string          `json:"manner"`
	// Priors: every prior expectation that the words show is labelled, by readers who
	// saw the voices and the guide to them, and had to quote the words. In the tune
	// and test parts there were two; where they differed a third decided, or the
	// record is not marked. Of records without the mark only the priors that are
	// labelled are known.
	Priors bool `json:"priors"`

	ID      string `json:"-"` // of the contact
	Channel string `json:"-"` // of the contact
}

// Voice is a gold voice. Fields that the words do not decide are empty.
type Voice struct {
	Type       string   `json:"type"`
	Aspect     string   `json:"aspect"`
	Sub        string   `json:"sub"`
	Evidence   string   `json:"evidence"`
	TouchPoint string   `json:"touchpoint"`
	Kind       string   `json:"kind"`
	Fulfilment string   `json:"fulfilment"`
	Response   *bool    `json:"response_expected"`
	Prior      string   `json:"prior"`
	PriorFrom  string   `json:"prior_source"`
	Journey    string   `json:"journey"`
	Qualities  []string `json:"qualities"`
}

// Flag is a gold risk or signal.
type Flag struct {
	Flag     string `json:"flag"`
	Evidence string `json:"evidence"`
}

// Part tells the part of the record by a hash of its id (FNV-1a, 32 bits,
// modulo 10: 0–7 train, 8 tune, 9 test).
func (r *Record) Part() Part {
	h := fnv.New32a()
	h.Write([]byte(r.ID))
	switch n := h.Sum32() % 10; {
	case n < 8:
		return Train
	case n < 9:
		return Tune
	default:
		return Test
	}
}

// Phrase is a stretch of words with what it says by itself. It belongs to no
// contact, and to the train part. It is labelled with voices or with flags; of
// the other nothing is known.
type Phrase struct {
	Text    string
	Voices  []Voice  // type, aspect, touch point, kind, and in some the prior expectation
	Flags   []string // risks and signals
	Flagged bool     // labelled with flags
}

// Phrases returns the labelled phrases in the order of files and lines. A line
// of phrases/*.tsv is "label<TAB>text". A label is "c/price/billing": a
// complaint, e an expectation, p praise, q a question, o an order, then aspect
// and touch point, and in some the prior expectation; "+" joins two, "-" is no
// voice. Or it is "!churn,legal": the
// flags, "!-" for none.
func Phrases() ([]Phrase, error) {
	names, err := fs.Glob(files, "phrases/*.tsv")
	if err != nil {
		return nil, fmt.Errorf("list phrases: %w", err)
	}
	var out []Phrase
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read phrases: %w", err)
		}
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			p, err := phrase(strings.TrimRight(line, "\n"))
			if err != nil {
				return nil, fmt.Errorf("%s line %d: %w", path.Base(name), n, err)
			}
			out = append(out, p)
		}
	}
	return out, nil
}

func phrase(line string) (Phrase, error) {
	label, text, ok := strings.Cut(line, "\t")
	if !ok || text == "" {
		return Phrase{}, errors.New("it is not a label, a tab and a text")
	}
	p := Phrase{Text: text}
	if flags, ok := strings.CutPrefix(label, "!"); ok {
		p.Flagged = true
		if flags != "-" {
			p.Flags = strings.Split(flags, ",")
		}
		return p, nil
	}
	if label == "-" {
		return p, nil
	}
	for one := range strings.SplitSeq(label, "+") {
		v, err := phraseVoice(one)
		if err != nil {
			return Phrase{}, err
		}
		p.Voices = append(p.Voices, v)
	}
	return p, nil
}

func phraseVoice(label string) (Voice, error) {
	f := strings.Split(label, "/")
	if len(f) != 3 && len(f) != 4 {
		return Voice{}, fmt.Errorf("label %q is not type/aspect/touch point, perhaps with a prior expectation behind it", label)
	}
	v := Voice{Aspect: f[1], TouchPoint: f[2]}
	if len(f) == 4 {
		v.Prior = f[3]
	}
	switch f[0] {
	case "c":
		v.Type = "complaint"
	case "e":
		v.Type = "expectation"
	case "p":
		v.Type = "praise"
	case "q":
		v.Type, v.Kind = "inquiry", "question"
	case "o":
		v.Type, v.Kind = "inquiry", "request"
	default:
		return Voice{}, fmt.Errorf("label %q: its type is none of c, e, p, q, o", label)
	}
	return v, nil
}

// Gold returns the whole corpus in the order of files and lines.
func Gold() ([]Record, error) {
	small, err := Small()
	if err != nil {
		return nil, err
	}
	wide, err := records("gold/wide/*.jsonl")
	return append(small, wide...), err
}

// Small returns the first of the corpus: some 400 contacts of 26 industries
// over eight weeks, which koe demo shows.
func Small() ([]Record, error) { return records("gold/*.jsonl") }

func records(pattern string) ([]Record, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, fmt.Errorf("list gold files: %w", err)
	}
	var out []Record
	for _, name := range names {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read gold: %w", err)
		}
		lines := bufio.NewScanner(bytes.NewReader(data))
		lines.Buffer(nil, 1<<20)
		for n := 1; lines.Scan(); n++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			var r Record
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				return nil, fmt.Errorf("%s line %d: %w", path.Base(name), n, err)
			}
			var c struct{ ID, Channel string }
			if err := json.Unmarshal(r.Contact, &c); err != nil {
				return nil, fmt.Errorf("%s line %d: contact: %w", path.Base(name), n, err)
			}
			r.ID, r.Channel = c.ID, c.Channel
			out = append(out, r)
		}
		if err := lines.Err(); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return out, nil
}
