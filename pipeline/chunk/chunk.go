package chunk

import (
	"context"
	"sync"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Chunker finds bunsetsu and clauses. It is immutable and safe for concurrent
// use.
type Chunker struct {
	single  map[string]kinds
	several map[string][]cue
	free    sync.Pool // of *work
}

// New builds a Chunker with d's chunk_cues.tsv.
func New(d *dict.Set) (*Chunker, error) {
	table, err := d.Table("chunk_cues.tsv")
	if err != nil {
		return nil, err
	}
	single, several, err := readCues(table)
	if err != nil {
		return nil, err
	}
	return &Chunker{single: single, several: several, free: sync.Pool{New: func() any { return new(work) }}}, nil
}

// work is the memory of one Apply, reused.
type work struct {
	c       *Chunker
	r       *voc.Record
	kinds   []kinds  // by token
	phrases []phrase // by bunsetsu
	args    []voc.Argument

	notes       bool // the sentence at hand is from an operator's note
	sentenceEnd int  // its last bunsetsu and one
}

// noted reports whether sentence s is from an operator's note.
func (w *work) noted(s int) bool {
	k := w.r.Sentences[s].Segment
	return k < len(w.r.Segments) && w.r.Segments[k].Role == voc.NoteText
}

// Apply sets r.Bunsetsu and r.Clauses from r.Sentences and r.Tokens. It
// returns ctx's error.
func (c *Chunker) Apply(ctx context.Context, r *voc.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := c.free.Get().(*work)
	defer c.free.Put(w)
	w.c, w.r, w.kinds, w.phrases = c, r, w.kinds[:0], w.phrases[:0]
	w.args = make([]voc.Argument, 0, len(r.Tokens)/3+1)
	defer func() { w.r, w.args = nil, nil }()
	r.Bunsetsu, r.Clauses = r.Bunsetsu[:0], r.Clauses[:0]
	if cap(r.Bunsetsu) == 0 {
		r.Bunsetsu = make([]voc.Bunsetsu, 0, len(r.Tokens)/2+1)
	}
	w.mark()
	for s := range r.Sentences {
		from := len(r.Bunsetsu)
		w.notes = w.noted(s)
		w.cut(s)
		w.look(from, len(r.Bunsetsu))
		w.join(from, len(r.Bunsetsu))
		w.sentenceEnd = len(r.Bunsetsu)
		w.clauses(s, from, w.sentenceEnd, 0)
	}
	return nil
}
