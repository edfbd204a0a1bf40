package web

import (
	"context"
	"iter"

	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Engine is what the API is about. *index.Index is one, and so is *Client.
type Engine interface {
	Search(ctx context.Context, r index.Request) (*index.Result, error)
	Get(ctx context.Context, id string) (*voc.Record, error)
	Records(ctx context.Context, since, until string) iter.Seq2[*voc.Record, error]
	Rows(ctx context.Context) iter.Seq2[index.Row, error]
	Status(ctx context.Context) (*index.Status, error)
}

// failure is the body of an error.
type failure struct {
	Error    string `json:"error"`
	Position *int   `json:"position,omitempty"`
	Hint     string `json:"hint,omitempty"`
	Kind     string `json:"kind,omitempty"` // tells the client which sentinel to wrap
}

// The kinds of a failure.
const (
	kindQuery    = "query"
	kindRequest  = "request"
	kindNotFound = "not_found"
	kindCursor   = "cursor"
)
