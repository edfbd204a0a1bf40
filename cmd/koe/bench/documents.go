// Package bench holds what koe bench needs beside the pipeline: documents to
// measure with, and a stopwatch of processor time that takes steps in turn. It
// is no part of what koe does with contacts.
package bench

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/koe-voc/koe/testdata"
)

// Document is a contact of schema v1 as the peers read it too: flat, with all
// its words in one field.
type Document struct {
	ID         string    `json:"id"`
	Source     string    `json:"source"`
	Channel    string    `json:"channel"`
	Product    string    `json:"product"`
	Queue      string    `json:"queue"`
	OccurredAt time.Time `json:"occurred_at"`
	Note       string    `json:"note,omitempty"` // of a call
	Text       string    `json:"text,omitempty"` // of anything else
}

// Words is the note or the text.
func (d *Document) Words() string { return d.Note + d.Text }

// The documents resemble those that the peers were first measured with: 630
// bytes of UTF-8 in the mean, log-normal, half of them call notes.
const (
	meanBytes = 590 // asked for; a document ends with the sentence that passes it
	sigma     = .45
	products  = 200
	queues    = 47
	days      = 7 // a week of a large centre: tables have a file for each day
)

// Documents makes n documents out of sentences of the gold corpus: runs of one
// to four consecutive ones, their numbers varied. The same n and seed give the
// same documents.
func Documents(n int, seed uint64) ([]Document, error) {
	notes, texts, err := sentences()
	if err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(seed, 630)) //nolint:gosec // no secret
	channels := []string{"mail", "form", "sns", "survey"}
	start := time.Date(2023, 4, 1, 0, 0, 0, 0, time.UTC)
	docs := make([]Document, n)
	for i := range docs {
		d := Document{
			ID: fmt.Sprintf("b%08d", i), Source: "bench", Channel: "call",
			Product: fmt.Sprintf("P-%03d", int(products*math.Pow(r.Float64(), 2))), Queue: fmt.Sprintf("Q-%02d", r.IntN(queues)),
			OccurredAt: start.Add(time.Duration(r.IntN(days*86400)) * time.Second),
		}
		if i%2 == 0 {
			d.Note = words(r, notes)
		} else {
			d.Channel, d.Text = channels[r.IntN(len(channels))], words(r, texts)
		}
		docs[i] = d
	}
	return docs, nil
}

// words joins runs of sentences up to a drawn length.
func words(r *rand.Rand, from [][]string) string {
	want := meanBytes * min(4, max(.25, math.Exp(sigma*r.NormFloat64()-sigma*sigma/2)))
	var b strings.Builder
	for float64(b.Len()) < want {
		t := from[r.IntN(len(from))]
		k := r.IntN(len(t))
		for _, s := range t[k:min(len(t), k+1+r.IntN(4))] {
			vary(&b, s, r)
		}
	}
	return b.String()
}

// vary writes s with other digits: no two documents share their numbers.
func vary(b *strings.Builder, s string, r *rand.Rand) {
	for _, c := range s {
		if c >= '0' && c <= '9' {
			c = '0' + r.Int32N(10)
		}
		b.WriteRune(c)
	}
}

// sentences lists the sentences of every contact of the train part: of notes,
// and of what customers wrote or said.
func sentences() (notes, texts [][]string, err error) {
	gold, err := testdata.Gold()
	if err != nil {
		return nil, nil, err
	}
	for i := range gold {
		if gold[i].Part() != testdata.Train {
			continue
		}
		var c struct {
			Note  string   `json:"note"`
			Text  string   `json:"text"`
			Turns []spoken `json:"turns"`
			Parts []spoken `json:"parts"`
		}
		if err := json.Unmarshal(gold[i].Contact, &c); err != nil {
			return nil, nil, fmt.Errorf("gold record %s: %w", gold[i].ID, err)
		}
		for _, t := range c.Turns {
			c.Text += t.Text + "\n"
		}
		for _, p := range c.Parts {
			c.Text += p.Text + "\n"
		}
		if s := cut(c.Note); len(s) > 0 {
			notes = append(notes, s)
		}
		if s := cut(c.Text); len(s) > 0 {
			texts = append(texts, s)
		}
	}
	return notes, texts, nil
}

// spoken is a turn of a chat or an answer of a form.
type spoken struct {
	Text string `json:"text"`
}

func cut(text string) (out []string) {
	for line := range strings.SplitSeq(text, "\n") {
		for s := range strings.SplitAfterSeq(line, "。") {
			if s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}
