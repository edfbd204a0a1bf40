package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/koe-voc/koe/pipeline/decode"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/voc"
)

// filter reads JSON Lines from files or stdin and writes one line for each.
type filter struct {
	c     *cli
	lab   *labeller
	dec   *decode.Decoder
	write func(ctx context.Context, id string, c voc.Contact) (any, error)
}

func newClassifyCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "classify [FILE...]",
		Short: "find the voices in records, JSON Lines in and out",
		Long: `classify reads records, one JSON object a line, from files or stdin (-), and
writes for each the voices, risks and signals found. It keeps no index.

In: id, channel (call, chat, mail, form, sns, survey, video) and the words: text,
note, turns [{speaker, text}] or parts [{question, text}]. The text of a call is
the operator's note. Other fields are ignored.

Out: id, voices [{type, aspect, sub, kind, evidence, start, end, polarity,
qualities, prior, prior_source, fulfilment, touchpoint, journey,
response_expected, rule, confidence}], risk [flag], risks and signals [{flag,
evidence, start, end, rule}], mentions, unclassified, definition_version.
start and end are code points of the masked text; turns, parts and note are
joined by line breaks.
` + exitCodes,
		Example: `  echo '{"id":"1","channel":"mail","text":"注文した鍋がまだ届きません。"}' | koe classify
  koe classify contacts.jsonl > voices.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f := &filter{c: c}
			f.write = f.classify
			return f.run(cmd.Context(), args)
		},
	}
}

func newMaskCommand(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "mask [FILE...]",
		Short: "mask personal data in records, JSON Lines in and out",
		Long: `mask reads records like koe classify and writes for each the masked text and
what was masked: id, masked, spans [[start, end, kind], ...] in code points of
the original text; for turns one {masked, spans} per turn.

Kinds: person, phone, email, address, postal, card, account_or_member_id,
birthdate.
` + exitCodes,
		Example: `  echo '{"id":"1","text":"山田様 090-1234-5678"}' | koe mask
  koe mask notes.jsonl > masked.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f := &filter{c: c}
			f.write = f.mask
			return f.run(cmd.Context(), args)
		},
	}
}

// open builds what a filter works with.
func (f *filter) open() error {
	cfg, err := f.c.config()
	if err != nil {
		return err
	}
	keys, _, err := readKeys(cfg)
	if err != nil {
		return err
	}
	if f.lab, err = newLabeller(cfg, keys); err != nil {
		return err
	}
	f.dec, err = decode.New(decode.Options{Default: decode.Plain})
	return err
}

func (f *filter) run(ctx context.Context, files []string) error {
	if err := f.open(); err != nil {
		return err
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	out := bufio.NewWriter(f.c.out)
	bad := 0
	for _, name := range files {
		n, err := f.file(ctx, name, out)
		if err != nil {
			return err
		}
		bad += n
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if bad > 0 {
		return fmt.Errorf("%d lines could not be read; the others were written", bad)
	}
	return nil
}

// file filters one file and returns how many lines could not be read.
func (f *filter) file(ctx context.Context, name string, out *bufio.Writer) (bad int, err error) {
	in := f.c.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return 0, fmt.Errorf("open: %w", err)
		}
		defer file.Close() //nolint:errcheck // read only
		in = file
	}
	lines := bufio.NewReaderSize(in, 1<<16)
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return bad, err
		}
		line, err := readLine(lines)
		if errors.Is(err, io.EOF) {
			return bad, nil
		}
		if err != nil {
			return bad, fmt.Errorf("read %s: %w", name, err)
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if err := f.line(ctx, line, out); err != nil {
			if de, ok := errors.AsType[*voc.DecodeError](err); ok {
				bad++
				fmt.Fprintf(f.c.err, "koe: %s line %d: %v\n", name, n, de)
				continue
			}
			return bad, err
		}
	}
}

// readLine returns a line of any length up to what a message may have; a
// longer one is cut, so that the decoder refuses it.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, more, err := r.ReadLine()
		if err != nil {
			return nil, err
		}
		if len(line) <= decode.MaxMessage {
			line = append(line, part...)
		}
		if !more {
			return line, nil
		}
	}
}

func (f *filter) line(ctx context.Context, line []byte, out io.Writer) error {
	changes, err := f.dec.Decode(voc.Message{Value: line})
	if err != nil {
		return err
	}
	for _, ch := range changes {
		id := f.lab.masker.RecordID(ch.Contact.Source, ch.Contact.ID)
		v, err := f.write(ctx, strings.TrimPrefix(id, decode.PlainSource+"/"), ch.Contact)
		if err != nil {
			return err
		}
		if p, ok := v.(printer); ok {
			err = p.print(out)
		} else {
			err = encode(out, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// printer is what a filter writes for people.
type printer interface{ print(w io.Writer) error }

// encode writes v as a line of JSON, readable: "<" stays "<".
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// labels is what classify writes.
type labels struct {
	ID           string            `json:"id"`
	Voices       []json.RawMessage `json:"voices"`
	Risk         []string          `json:"risk"`
	Risks        []json.RawMessage `json:"risks"`
	Signals      []json.RawMessage `json:"signals"`
	Mentions     []json.RawMessage `json:"mentions"`
	Unclassified []json.RawMessage `json:"unclassified"`
	Definition   string            `json:"definition_version"`
}

func (f *filter) classify(ctx context.Context, id string, c voc.Contact) (any, error) {
	rec, err := f.lab.label(ctx, c)
	if err != nil {
		return nil, err
	}
	data, err := rec.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write record: %w", err)
	}
	none := []json.RawMessage{}
	l := labels{Voices: none, Risk: []string{}, Risks: none, Signals: none, Mentions: none, Unclassified: none}
	if err := json.Unmarshal(data, &l); err != nil {
		return nil, fmt.Errorf("write record: %w", err)
	}
	l.ID = id
	for _, r := range rec.Risks {
		l.Risk = append(l.Risk, r.Name)
	}
	return l, nil
}

// masked is one text after masking.
type masked struct {
	Masked string   `json:"masked"`
	Spans  [][3]any `json:"spans"`
}

// maskedRecord is what mask writes: Masked and Spans of the text or note, or
// one of each per turn or part.
type maskedRecord struct {
	ID string `json:"id"`
	*masked
	Turns []masked `json:"turns,omitempty"`
	Parts []masked `json:"parts,omitempty"`
}

func (f *filter) mask(_ context.Context, id string, c voc.Contact) (any, error) {
	out := maskedRecord{ID: id}
	for _, t := range c.Turns {
		out.Turns = append(out.Turns, f.one(t.Text))
	}
	for _, p := range c.Parts {
		out.Parts = append(out.Parts, f.one(p.Text))
	}
	if text := c.Text; !text.Empty() || !c.Note.Empty() {
		if text.Empty() {
			text = c.Note
		}
		m := f.one(text)
		out.masked = &m
	}
	return out, nil
}

func (f *filter) one(text voc.Raw) masked {
	m := masked{Spans: [][3]any{}}
	var spans []mask.Span
	m.Masked, spans = f.lab.masker.Text(text)
	for _, s := range spans {
		m.Spans = append(m.Spans, [3]any{s.From, s.To, s.Kind})
	}
	return m
}
