package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"

	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Client asks the API on a Unix socket. It is safe for concurrent use.
type Client struct{ http *http.Client }

var _ Engine = (*Client)(nil)

// NewClient returns a client of the socket at path. Nothing is connected yet.
func NewClient(path string) *Client {
	return &Client{&http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}}}
}

// Close gives up idle connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// get asks and returns the body of a good answer, which the caller closes.
func (c *Client) get(ctx context.Context, path string, v url.Values) (io.ReadCloser, error) {
	u := url.URL{Scheme: "http", Host: "koe", Path: path, RawQuery: v.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask koe: %w", err)
	}
	return c.do(req)
}

// do sends a request and returns the body of a good answer.
func (c *Client) do(req *http.Request) (io.ReadCloser, error) {
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the koe that holds the data folder: %w", err)
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	var f failure
	err = json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&f)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, fmt.Errorf("ask koe: %s: %w", res.Status, err)
	}
	return nil, f.err()
}

// err is the error that the index itself would have returned.
func (f failure) err() error {
	switch f.Kind {
	case kindQuery:
		e := &query.Error{Msg: f.Error, Hint: f.Hint}
		if f.Position != nil {
			e.Pos = *f.Position
		}
		return e
	case kindNotFound:
		return sentinel{f.Error, index.ErrNotFound}
	case kindCursor:
		return sentinel{f.Error, index.ErrCursor}
	}
	return errors.New(f.Error)
}

// sentinel is an error of another process with the sentinel of this one.
type sentinel struct {
	text string
	is   error
}

func (s sentinel) Error() string { return s.text }
func (s sentinel) Unwrap() error { return s.is }

func (c *Client) decode(ctx context.Context, path string, v url.Values, out any) (err error) {
	body, err := c.get(ctx, path, v)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if err := json.NewDecoder(body).Decode(out); err != nil {
		return fmt.Errorf("read koe's answer: %w", err)
	}
	return nil
}

// Search is that of the index.
func (c *Client) Search(ctx context.Context, r index.Request) (*index.Result, error) {
	v := url.Values{"q": {r.Query.String()}, "size": {strconv.Itoa(r.Size)}}
	for name, s := range map[string]string{"sort": string(r.Sort), "after": r.After, "histogram": r.Histogram} {
		if s != "" {
			v.Set(name, s)
		}
	}
	for _, f := range r.Facets {
		v.Add("facet", f)
	}
	out := &index.Result{}
	return out, c.decode(ctx, "/v1/search", v, out)
}

// Get is that of the index.
func (c *Client) Get(ctx context.Context, id string) (*voc.Record, error) {
	out := &voc.Record{}
	return out, c.decode(ctx, "/v1/contacts/"+id, nil, out)
}

// Status is that of the index.
func (c *Client) Status(ctx context.Context) (*index.Status, error) {
	out := &index.Status{}
	return out, c.decode(ctx, "/v1/status", nil, out)
}

// Records is that of the index.
func (c *Client) Records(ctx context.Context, since, until string) iter.Seq2[*voc.Record, error] {
	return lines[*voc.Record](ctx, c, "/v1/records", url.Values{"since": {since}, "until": {until}})
}

// Rows is that of the index.
func (c *Client) Rows(ctx context.Context) iter.Seq2[index.Row, error] {
	return lines[index.Row](ctx, c, "/v1/rows", nil)
}

// lines reads JSON Lines.
func lines[T any](ctx context.Context, c *Client, path string, v url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		body, err := c.get(ctx, path, v)
		if err != nil {
			yield(none, err)
			return
		}
		defer body.Close() //nolint:errcheck // read only
		dec := json.NewDecoder(body)
		for {
			var next T
			if err := dec.Decode(&next); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				yield(none, fmt.Errorf("read koe's answer: %w", err))
				return
			}
			if !yield(next, nil) {
				return
			}
		}
	}
}
