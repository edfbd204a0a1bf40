package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
	"github.com/koe-voc/koe/index/web"
	"github.com/koe-voc/koe/pipeline/morph"
	"github.com/koe-voc/koe/pipeline/voc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

var (
	_     web.Engine = (*index.Index)(nil)
	quiet            = slog.New(slog.DiscardHandler)
)

func filled(t *testing.T) *index.Index {
	t.Helper()
	d, err := dict.Load("")
	if err != nil {
		t.Fatal(err)
	}
	w, err := morph.New(d)
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.Open(index.Options{Dir: t.TempDir(), Location: time.FixedZone("Asia/Tokyo", 9*3600), Words: w, Dict: d})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	p := voc.Partition{Topic: "calls"}
	for i, text := range []string{"鍋が届かない", "店員が親切", "届かないので解約"} {
		at := time.Date(2026, 10, 1+i, 0, 0, 0, 0, time.UTC)
		rev := voc.Revision{At: at, Topic: p.Topic, Offset: int64(i)}
		r := &voc.Record{
			ID: fmt.Sprintf("t/%d", i), Source: "t", Revision: rev, Channel: voc.ChannelCall, OccurredAt: at, Text: text, Definition: "d1",
			Segments: []voc.Segment{{Role: voc.NoteText, Span: voc.Span{To: len(text)}}},
			Voices:   []voc.Voice{{Type: voc.Complaint, Aspect: voc.Delivery, Evidence: voc.Span{To: len(text)}, Rule: "r"}},
		}
		if err := w.Apply(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if err := x.Write(t.Context(), []voc.Item{{Partition: p, Offset: int64(i), Changes: []voc.Applied{{ID: r.ID, Revision: rev, Record: r}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

func engines(t *testing.T) map[string]web.Engine {
	t.Helper()
	x := filled(t)
	dir := t.TempDir()
	s, err := web.Serve(dir, web.Handler(x, quiet), quiet)
	if err != nil {
		t.Fatal(err)
	}
	c, err := web.Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return map[string]web.Engine{"index": x, "socket": c}
}

func TestBothWaysGiveTheSame(t *testing.T) {
	for name, e := range engines(t) {
		t.Run(name, func(t *testing.T) {
			q, err := query.Parse("届かない")
			if err != nil {
				t.Fatal(err)
			}
			r, err := e.Search(t.Context(), index.Request{Query: q, Size: 1, Facets: []string{"pair"}, Histogram: "day"})
			if err != nil {
				t.Fatal(err)
			}
			if r.Contacts != 2 || r.Voices != 2 || len(r.Hits) != 1 || r.Hits[0].Record.ID != "t/2" || r.Facets["pair"][0].Contacts != 2 || len(r.Histogram) != 2 {
				t.Errorf("result: %+v", r)
			}
			r, err = e.Search(t.Context(), index.Request{Query: q, Size: 1, After: r.Next})
			if err != nil || len(r.Hits) != 1 || r.Hits[0].Record.ID != "t/0" || r.Next != "" {
				t.Errorf("second page: %+v, %v", r, err)
			}
			rec, err := e.Get(t.Context(), "t/1")
			if err != nil || rec.Text != "店員が親切" || rec.Slice(rec.Voices[0].Evidence) != rec.Text {
				t.Errorf("get: %+v, %v", rec, err)
			}
			if _, err := e.Get(t.Context(), "t/9"); !errors.Is(err, index.ErrNotFound) {
				t.Errorf("get of nothing: %v", err)
			}
			var qe *query.Error
			if _, err := e.Search(t.Context(), index.Request{Query: query.Words{Text: "の"}}); !errors.As(err, &qe) || qe.Hint == "" {
				t.Errorf("a query without words: %v", err)
			}
			if _, err := e.Search(t.Context(), index.Request{Query: q, Size: 1, After: "!"}); !errors.Is(err, index.ErrCursor) {
				t.Errorf("a wrong cursor: %v", err)
			}
			var ids []string
			for rec, err := range e.Records(t.Context(), "2026-10-02", "") {
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, rec.ID)
			}
			if d := cmp.Diff([]string{"t/1", "t/2"}, ids); d != "" {
				t.Error(d)
			}
			s, err := e.Status(t.Context())
			if err != nil || s.Contacts != 3 || s.Positions["calls/0"] != 3 || s.First != "2026-10-01" {
				t.Errorf("status: %+v, %v", s, err)
			}
		})
	}
}

func TestWrongRequestsAreToldApart(t *testing.T) {
	ts := httptest.NewServer(web.Handler(filled(t), quiet))
	defer ts.Close()
	for path, want := range map[string]string{
		"/v1/search?q=tpye:x":          `400 {"error":"there is no field \"tpye\"","position":0,"hint":"write type:, or quote the word if it is one","kind":"query"}`,
		"/v1/search?limit=3":           `400 {"error":"no parameter \"limit\"; there are q, sort, size, after, facet, histogram","kind":"request"}`,
		"/v1/search?size=many":         `400 {"error":"size \"many\" is not a number","kind":"request"}`,
		"/v1/search?sort=best":         `400 {"error":"sort \"best\": write newest, oldest or relevance","kind":"request"}`,
		"/v1/contacts/t/9":             `404 {"error":"t/9: no such contact","kind":"not_found"}`,
		"/v1/records?since=2026-13-01": `400 {"error":"\"2026-13-01\" is not a day; write it like 2026-10-05","kind":"request"}`,
		"/v1/nothing":                  `404 404 page not found`,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ts.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := ts.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(res.StatusCode, " ", strings.TrimSpace(string(body))); got != want {
			t.Errorf("%s\n got %s\nwant %s", path, got, want)
		}
	}
	ts.Client().CloseIdleConnections()
}

func TestSocketIsForItsOwnerAndReplacesAStaleOne(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, web.SocketName)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := web.Serve(dir, http.NotFoundHandler(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := web.Dial(context.Background(), dir); err == nil {
		t.Error("dialled a closed server")
	}
}
