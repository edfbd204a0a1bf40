package segment

import (
	"fmt"
	"hash/crc32"
	"sync"
	"sync/atomic"

	bleve "github.com/blevesearch/bleve_index_api"
	api "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
)

// Document is a document that New writes itself. New asks nothing else: neither
// VisitFields nor AddIDField need do anything. What the methods return must not
// change while New runs.
type Document interface {
	bleve.Document
	// Words are the words of the text in order, numbers of the vocabulary, which is
	// not nil if there are words. Positions may not fall.
	Words() (*Vocabulary, []Word)
	// Keywords are the values by which a document is found, in any order. The same
	// one may come several times and counts once. No field is "_id" or the text's.
	Keywords() []Keyword
	// Stored are the values that a document gives back. No field is "_id".
	Stored() []Stored
}

// Word is a word of the text.
type Word struct {
	Number   uint32 // in the vocabulary
	Position uint32
}

// Keyword is a value of an indexed field.
type Keyword struct{ Field, Value string }

// Stored is a value of a stored field.
type Stored struct {
	Field string
	Value []byte
}

// Plugin is a segment plugin of scorch, of zapx's type and version. It is safe
// for concurrent use.
type Plugin struct {
	*zap.ZapPlugin // Open and Merge, and New for other documents

	text string
	free sync.Pool // of *writer: its slices are as large as the batches were
}

// New makes a plugin. text is the name of the field of the words.
func New(text string) *Plugin {
	return &Plugin{ZapPlugin: &zap.ZapPlugin{}, text: text}
}

// New is NewUsing without a configuration.
func (p *Plugin) New(docs []bleve.Document) (api.Segment, uint64, error) {
	return p.NewUsing(docs, nil)
}

// NewUsing makes a segment in memory and returns it with its size in bytes. All
// documents are a Document, or none is; those that are not go to zapx. The
// documents are not kept.
func (p *Plugin) NewUsing(docs []bleve.Document, config map[string]any) (api.Segment, uint64, error) {
	own := make([]Document, 0, len(docs))
	for _, d := range docs {
		if d, ok := d.(Document); ok {
			own = append(own, d)
		}
	}
	switch len(own) {
	case 0:
		return p.ZapPlugin.NewUsing(docs, config)
	case len(docs):
	default: // zapx would find nothing in koe's documents
		return nil, 0, fmt.Errorf("write segment: %d of %d documents are not koe's", len(docs)-len(own), len(docs))
	}
	w, ok := p.free.Get().(*writer)
	if !ok {
		w = newWriter(p.text)
	}
	f, err := w.write(own)
	if err != nil { // what the writer holds is of no use then
		return nil, 0, fmt.Errorf("write segment: %w", err)
	}
	p.free.Put(w)
	stats, ok := config[api.StatsKey].(*api.Stats)
	if !ok || stats == nil {
		stats = &api.Stats{}
	}
	n := uint64(len(docs))
	s, err := zap.InitSegmentBase(f.bytes, crc32.ChecksumIEEE(f.bytes), chunkMode, n, f.storedIndex, f.sectionsIndex, config, stats)
	if err != nil {
		return nil, 0, fmt.Errorf("write segment: %w", err)
	}
	atomic.AddUint64(&stats.TotNewRootDocsProcessed, n)
	atomic.AddUint64(&stats.TotNewDocsProcessed, n)
	atomic.AddUint64(&stats.TotNewDocsIndexed, n)
	return s, uint64(len(f.bytes)), nil
}
