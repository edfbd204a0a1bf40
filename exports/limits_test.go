package exports_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/pipeline/pipelinetest"
	"github.com/koe-voc/koe/pipeline/voc"
)

func TestWhenFilesClose(t *testing.T) {
	other := voc.Partition{Topic: "chats"}
	for _, c := range []struct {
		name    string
		set     func(*exports.Options)
		write   []voc.Item
		later   time.Duration // before a tick
		durable int64
	}{
		{"nothing is full or old", func(*exports.Options) {}, []voc.Item{pipelinetest.Item(part, 0, "t/a", "声")}, time.Minute, 0},
		{"rows", func(o *exports.Options) { o.MaxRows = 2 }, []voc.Item{pipelinetest.Item(part, 0, "t/a", "声"), pipelinetest.Item(part, 1, "t/b", "")}, 0, 2},
		{"rows of two partitions together", func(o *exports.Options) { o.MaxRows = 2 }, []voc.Item{pipelinetest.Item(part, 0, "t/a", "声"), pipelinetest.Item(other, 0, "t/b", "声")}, 0, 1},
		{"text", func(o *exports.Options) { o.MaxBytes = 300 }, []voc.Item{pipelinetest.Item(part, 0, "t/a", strings.Repeat("声", 100))}, 0, 1},
		{"age", func(*exports.Options) {}, []voc.Item{pipelinetest.Item(part, 0, "t/a", "声")}, 15 * time.Minute, 1},
		{"age of an item that holds nothing", func(*exports.Options) {}, []voc.Item{{Partition: part}}, 15 * time.Minute, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := time.Unix(1e9, 0)
			o := exports.Options{FS: exports.Dir(t.TempDir()), Location: tokyo, Now: func() time.Time { return now }}
			c.set(&o)
			s, err := exports.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Resume(t.Context(), []voc.Partition{part, other}); err != nil {
				t.Fatal(err)
			}
			if err := s.Write(t.Context(), c.write); err != nil {
				t.Fatal(err)
			}
			now = now.Add(c.later)
			if err := s.Write(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if got := s.Durable()[part]; got != c.durable {
				t.Errorf("durable at %d, want %d", got, c.durable)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestOneFilePerTablePartitionDayAndFlush(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
		t.Fatal(err)
	}
	const flushes, days = 3, 2
	offset := int64(0)
	for range flushes {
		var items []voc.Item
		for i := range 40 {
			it := pipelinetest.Item(part, offset, fmt.Sprintf("t/%d", offset), "声")
			it.Changes[0].Record.OccurredAt = it.Changes[0].Record.OccurredAt.AddDate(0, 0, i%days)
			items = append(items, it)
			offset++
		}
		// Ticks and items that hold nothing make no entries of their own.
		if err := errors.Join(s.Write(t.Context(), items), s.Write(t.Context(), nil), s.Flush(t.Context()), s.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]int{"contacts/*/*.parquet": flushes * days, "voices/*/*.parquet": flushes * days, "_ledger/*.json": flushes, "_staging/*": 0} {
		if got, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(got) != want {
			t.Errorf("%s: %d files, want %d, error %v", pattern, len(got), want, err)
		}
	}
}

func TestTextThatIsNotUTF8IsMended(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.Resume(t.Context(), []voc.Partition{part}); err != nil {
		t.Fatal(err)
	}
	it := pipelinetest.Item(part, 0, "t/a", "声")
	r := it.Changes[0].Record
	r.Product, r.Categories, r.Attrs = "炊\xff", []string{"配送", "\xe3\x81"}, []voc.Attr{{Name: "a\xff", Value: "\xff"}}
	if err := errors.Join(s.Write(t.Context(), []voc.Item{it}), s.Close()); err != nil {
		t.Fatal(err)
	}
	for r, err := range exports.Records(t.Context(), dir) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Product != "炊\ufffd" || r.Categories[1] != "\ufffd" || r.Attrs[0].Value != "\ufffd" {
			t.Errorf("%q %q %q", r.Product, r.Categories, r.Attrs)
		}
	}
}

func BenchmarkSink(b *testing.B) {
	s, err := exports.Open(b.Context(), exports.Options{FS: exports.Dir(b.TempDir()), Location: tokyo, MaxRows: 20_000})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.Resume(b.Context(), []voc.Partition{part}); err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("荷物が届くのが遅い。", 30) // 900 bytes, the length of a long note
	b.ReportAllocs()
	for i := int64(0); b.Loop(); i++ {
		if err := s.Write(b.Context(), []voc.Item{pipelinetest.Item(part, i, fmt.Sprintf("t/%d", i), text)}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}
