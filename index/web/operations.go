package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/koe-voc/koe/exports"
)

// EraseRequest says what is to be erased: record ids, and hashes of customers.
type EraseRequest struct {
	IDs       []string `json:"ids,omitempty"`
	Customers []string `json:"customers,omitempty"`
}

// Erased tells what an erasure took out.
type Erased struct {
	IDs        int            `json:"ids"`        // asked for
	Customers  int            `json:"customers"`  // asked for
	Tombstones int            `json:"tombstones"` // that had come in and waited
	Index      int            `json:"index_contacts"`
	Tables     exports.Purged `json:"tables"`
	Weekly     []string       `json:"weekly_exports,omitempty"` // weeks written anew, because they quoted a contact
	Threads    bool           `json:"threads,omitempty"`        // the table was written anew, because it named a contact
}

// Eraser is the side of the API that changes what is kept.
type Eraser interface {
	Erase(ctx context.Context, r EraseRequest) (*Erased, error)
}

// maxRequest bounds the body of a request: 10,000 ids take less.
const maxRequest = 2 << 20

// Operations adds POST /v1/erase to an API. It is for the socket alone: whoever
// may connect there owns the folder.
func Operations(api http.Handler, e Eraser, log *slog.Logger) http.Handler {
	h := &handler{log: log}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("POST /v1/erase", h.answer(func(r *http.Request) (any, error) {
		var q EraseRequest
		if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxRequest)).Decode(&q); err != nil {
			return nil, requestError{fmt.Errorf("read request: %w", err)}
		}
		return e.Erase(r.Context(), q)
	}))
	return mux
}

// Erase asks the process that holds the folder.
func (c *Client) Erase(ctx context.Context, r EraseRequest) (_ *Erased, err error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("ask koe: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://koe/v1/erase", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask koe: %w", err)
	}
	answer, err := c.do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	out := &Erased{}
	if err := json.NewDecoder(io.LimitReader(answer, maxRequest)).Decode(out); err != nil {
		return nil, fmt.Errorf("read koe's answer: %w", err)
	}
	return out, nil
}
