package web

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/query"
)

// defaultSize is the hits of a page if the request does not say.
const defaultSize = 10

// Handler returns the API of e. It is safe for concurrent use.
func Handler(e Engine, log *slog.Logger) http.Handler {
	h := &handler{engine: e, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/search", h.answer(h.search))
	mux.HandleFunc("GET /v1/contacts/{id...}", h.answer(h.contact))
	mux.HandleFunc("GET /v1/status", h.answer(h.status))
	mux.HandleFunc("GET /v1/records", h.records)
	mux.HandleFunc("GET /v1/rows", h.rows)
	return mux
}

type handler struct {
	engine Engine
	log    *slog.Logger
}

// answer writes what get returns as JSON, or its error.
func (h *handler) answer(get func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := get(r)
		if err != nil {
			h.fail(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			h.log.Debug("write answer", slog.Any("error", err))
		}
	}
}

// requestError marks an error as the caller's.
type requestError struct{ error }

func (h *handler) fail(w http.ResponseWriter, err error) {
	f, status := failure{Error: err.Error()}, http.StatusInternalServerError
	var q *query.Error
	var bad requestError
	switch {
	case errors.As(err, &q):
		f, status = failure{Error: q.Msg, Position: &q.Pos, Hint: q.Hint, Kind: kindQuery}, http.StatusBadRequest
	case errors.Is(err, index.ErrCursor):
		f.Kind, status = kindCursor, http.StatusBadRequest
	case errors.As(err, &bad):
		f.Kind, status = kindRequest, http.StatusBadRequest
	case errors.Is(err, index.ErrNotFound):
		f.Kind, status = kindNotFound, http.StatusNotFound
	default:
		h.log.Error("answer", slog.Any("error", err))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(f); err != nil {
		h.log.Debug("write answer", slog.Any("error", err))
	}
}

// only refuses parameters that the route does not have.
func only(values url.Values, known ...string) error {
	for name := range values {
		if !slices.Contains(known, name) {
			return requestError{fmt.Errorf("no parameter %.40q; there are %s", name, strings.Join(known, ", "))}
		}
	}
	return nil
}

func (h *handler) search(r *http.Request) (any, error) {
	v := r.URL.Query()
	if err := only(v, "q", "sort", "size", "after", "facet", "histogram"); err != nil {
		return nil, err
	}
	q, err := query.Parse(v.Get("q"))
	if err != nil {
		return nil, err
	}
	req := index.Request{Query: q, Sort: index.Sort(v.Get("sort")), Size: defaultSize, After: v.Get("after"), Facets: v["facet"], Histogram: v.Get("histogram")}
	if s := v.Get("size"); s != "" {
		if req.Size, err = strconv.Atoi(s); err != nil {
			return nil, requestError{fmt.Errorf("size %.20q is not a number", s)}
		}
	}
	if err := req.Check(); err != nil {
		return nil, requestError{err}
	}
	return h.engine.Search(r.Context(), req)
}

func (h *handler) contact(r *http.Request) (any, error) {
	if err := only(r.URL.Query()); err != nil {
		return nil, err
	}
	return h.engine.Get(r.Context(), r.PathValue("id"))
}

func (h *handler) status(r *http.Request) (any, error) {
	if err := only(r.URL.Query()); err != nil {
		return nil, err
	}
	return h.engine.Status(r.Context())
}

// records streams; an error in the middle ends the connection, so that the
// client sees that it has not all.
func (h *handler) records(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	err := only(v, "since", "until")
	for _, day := range []string{v.Get("since"), v.Get("until")} {
		if _, bad := time.Parse(time.DateOnly, day); day != "" && bad != nil {
			err = requestError{fmt.Errorf("%.20q is not a day; write it like 2026-10-05", day)}
		}
	}
	if err != nil {
		h.fail(w, err)
		return
	}
	stream(w, h.log, h.engine.Records(r.Context(), v.Get("since"), v.Get("until")))
}

// rows streams like records.
func (h *handler) rows(w http.ResponseWriter, r *http.Request) {
	if err := only(r.URL.Query()); err != nil {
		h.fail(w, err)
		return
	}
	stream(w, h.log, h.engine.Rows(r.Context()))
}

// stream writes JSON Lines.
func stream[T any](w http.ResponseWriter, log *slog.Logger, all iter.Seq2[T, error]) {
	w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for v, err := range all {
		if err == nil {
			err = enc.Encode(v)
		}
		if err != nil {
			log.Error("stream", slog.Any("error", err))
			panic(http.ErrAbortHandler)
		}
	}
	if err := out.Flush(); err != nil {
		log.Debug("write answer", slog.Any("error", err))
	}
}
