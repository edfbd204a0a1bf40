package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/cmd/koe/ui"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline/source"
)

// stand fills in where the sinks stand.
func (s *state) stand(ctx context.Context, cfg config.Config, lag bool) error {
	s.Commits = map[string]time.Time{}
	all := map[string]*standing{}
	at := func(p string) *standing {
		if all[p] == nil {
			all[p] = &standing{Partition: p}
		}
		return all[p]
	}
	if s.Index != nil {
		for p, n := range s.Index.Positions {
			at(p).Index = &n
		}
		if err := s.commit("index", filepath.Join(cfg.Data, "index", "bleve", "store")); err != nil {
			return err
		}
	}
	if hasTables(cfg.Out) {
		ends, err := exports.Positions(cfg.Out)
		if err != nil {
			return err
		}
		for p, n := range ends {
			at(p.String()).Exports = &n
		}
		if err := s.commit("exports", filepath.Join(cfg.Out, "_ledger")); err != nil {
			return err
		}
	}
	if lag {
		ends, err := source.Ends(ctx, kafkaConfig(cfg.Kafka, slog.New(slog.DiscardHandler)))
		if err != nil {
			return fmt.Errorf("%w; --brokers and --topics say whom to ask", err)
		}
		for p, n := range ends {
			at(p.String()).End = &n
		}
	}
	for _, p := range slices.Sorted(maps.Keys(all)) {
		all[p].settle(s.Index != nil, hasTables(cfg.Out))
		s.Partitions = append(s.Partitions, *all[p])
	}
	return nil
}

// settle derives what follows from the positions: a sink that is in use and
// never saw a partition stands at its first message.
func (p *standing) settle(index, tables bool) {
	var held []int64
	for _, sink := range []struct {
		used bool
		at   *int64
	}{{index, p.Index}, {tables, p.Exports}} {
		switch {
		case sink.at != nil:
			held = append(held, *sink.at)
		case sink.used:
			held = append(held, 0)
		}
	}
	if len(held) == 0 {
		held = []int64{0}
	}
	p.Replayed = slices.Max(held) - slices.Min(held)
	if p.End != nil {
		lag := max(0, *p.End-slices.Min(held))
		p.Lag = &lag
	}
}

// commit takes the time of the newest file of a folder: both sinks make a file
// durable last.
func (s *state) commit(sink, dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the last commit of %s: %w", sink, err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !slices.Contains([]string{".json", ".checkpoint", ".bolt"}, filepath.Ext(e.Name())) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for the last commit of %s: %w", sink, err)
		}
		if t := info.ModTime().UTC().Truncate(time.Second); t.After(s.Commits[sink]) {
			s.Commits[sink] = t
		}
	}
	return nil
}

func (s *state) writeStanding(w io.Writer) error {
	for _, sink := range slices.Sorted(maps.Keys(s.Commits)) {
		if _, err := fmt.Fprintf(w, "%-8slast commit %s\n", sink, s.Commits[sink].In(japan()).Format(time.DateTime)); err != nil {
			return err
		}
	}
	if len(s.Partitions) == 0 {
		return nil
	}
	number := func(n *int64) string {
		if n == nil {
			return "-"
		}
		return group(*n)
	}
	t := ui.Table{Header: []string{"partition", "index", "exports", "seen again", "end", "lag"}, Right: []bool{false, true, true, true, true, true}}
	for i := range s.Partitions {
		p := &s.Partitions[i]
		t.Rows = append(t.Rows, []string{shortPartition(p.Partition), number(p.Index), number(p.Exports), group(p.Replayed), number(p.End), number(p.Lag)})
	}
	return t.Write(w)
}

// shortPartition cuts the hash of a file's topic.
func shortPartition(p string) string {
	const shown = len("file-") + 12
	if strings.HasPrefix(p, "file-") && len(p) > shown {
		return p[:shown] + "…"
	}
	return p
}
