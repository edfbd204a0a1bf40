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

// BackedUp tells what a backup copied.
type BackedUp struct {
	Files int `json:"files"` // of tables and their ledger
}

// Operator is what the process that holds the folder does for others.
type Operator interface {
	Eraser
	// Backup copies index, tables and state into a folder of the same machine.
	Backup(ctx context.Context, to string) (*BackedUp, error)
}

// maxRequest bounds the body of a request: 10,000 ids take less.
const maxRequest = 2 << 20

// Operations adds POST /v1/erase and /v1/backup to an API. They are for the
// socket alone: whoever may connect there owns the folder.
func Operations(api http.Handler, o Operator, log *slog.Logger) http.Handler {
	h := &handler{log: log}
	mux := http.NewServeMux()
	mux.Handle("/", api)
	mux.HandleFunc("POST /v1/erase", h.answer(func(r *http.Request) (any, error) {
		var q EraseRequest
		if err := body(r, &q); err != nil {
			return nil, err
		}
		return o.Erase(r.Context(), q)
	}))
	mux.HandleFunc("POST /v1/backup", h.answer(func(r *http.Request) (any, error) {
		var q backupRequest
		if err := body(r, &q); err != nil {
			return nil, err
		}
		return o.Backup(r.Context(), q.To)
	}))
	return mux
}

type backupRequest struct {
	To string `json:"to"`
}

func body(r *http.Request, v any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxRequest)).Decode(v); err != nil {
		return requestError{fmt.Errorf("read request: %w", err)}
	}
	return nil
}

// Erase asks the process that holds the folder.
func (c *Client) Erase(ctx context.Context, r EraseRequest) (*Erased, error) {
	out := &Erased{}
	return out, c.post(ctx, "/v1/erase", r, out)
}

// Backup asks the process that holds the folder; to is an absolute path.
func (c *Client) Backup(ctx context.Context, to string) (*BackedUp, error) {
	out := &BackedUp{}
	return out, c.post(ctx, "/v1/backup", backupRequest{to}, out)
}

func (c *Client) post(ctx context.Context, path string, in, out any) (err error) {
	text, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("ask koe: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://koe"+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("ask koe: %w", err)
	}
	answer, err := c.do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	if err := json.NewDecoder(io.LimitReader(answer, maxRequest)).Decode(out); err != nil {
		return fmt.Errorf("read koe's answer: %w", err)
	}
	return nil
}
