package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/koe-voc/koe/cmd/koe/config"
	"github.com/koe-voc/koe/exports"
	"github.com/koe-voc/koe/exports/weekly"
	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/mine"
	"github.com/koe-voc/koe/index/web"
	"github.com/koe-voc/koe/pipeline/classify"
	"github.com/koe-voc/koe/pipeline/erased"
	"github.com/koe-voc/koe/pipeline/mask"
	"github.com/koe-voc/koe/pipeline/voc"
)

// keeper takes what was erased, or is too old, out of index, tables and weekly
// exports.
type keeper struct {
	cfg   config.Config
	log   *slog.Logger
	lab   *labeller
	set   *erased.Set
	index *index.Index // nil: there is none

	mu    sync.Mutex // one erasure at a time
	limit time.Time  // of the last pass
	first bool       // a pass has been made that looked through everything
}

var _ web.Operator = (*keeper)(nil)

// openErased opens the set of what was erased: beside the index and beside the
// tables, so that either is enough to know.
func openErased(cfg config.Config, keys mask.Keys) (*erased.Set, error) {
	files := []string{filepath.Join(cfg.Data, "state", "erased")}
	if slices.Contains(cfg.SinkNames(), "exports") || hasTables(cfg.Out) {
		files = append(files, filepath.Join(cfg.Out, "_ledger", "erased"))
	}
	return erased.Open(keys[0], erased.Retention{Days: cfg.Keep.Days, Location: cfg.Location()}, files...)
}

func hasTables(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "format"))
	return err == nil
}

// markerName is there while an erasure is under way: one that a crash cut off
// is completed by whoever finds it.
func (k *keeper) markerName() string { return filepath.Join(k.cfg.Data, "state", "erasing") }

// mark makes the marker, durably.
func (k *keeper) mark() error {
	dir := filepath.Dir(k.markerName())
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.WriteFile(k.markerName(), nil, 0o600)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return nil
}

// Erase erases contacts by id for ever, and those of customers up to now.
func (k *keeper) Erase(ctx context.Context, r web.EraseRequest) (*web.Erased, error) {
	entries := make([]erased.Entry, 0, len(r.IDs)+len(r.Customers))
	for _, id := range r.IDs {
		entries = append(entries, erased.Contact(id))
	}
	now := time.Now()
	customers := map[string]bool{} // by the newest hash: a customer has one of each key
	for _, c := range r.Customers {
		customers[k.lab.masker.Keys().Current(c)] = true
		entries = append(entries, erased.Customer(c, now))
	}
	return k.work(ctx, "erase", entries, web.Erased{IDs: len(r.IDs), Customers: len(customers)})
}

// pass erases what tombstones ask for and what has become too old, and
// completes an erasure that was cut off. If all is set, it looks through
// everything once: what was restored from a backup may hold what was erased
// since. It does nothing if there is nothing.
func (k *keeper) pass(ctx context.Context, all bool) error {
	waiting, err := k.tombstones(ctx)
	if err != nil {
		return err
	}
	_, err = os.Stat(k.markerName())
	cutOff := err == nil
	if err := k.set.Refresh(); err != nil {
		return err
	}
	restored := all && !k.first && k.set.Len() > 0
	if len(waiting) == 0 && !cutOff && !restored && k.set.Limit().Equal(k.limit) {
		return nil
	}
	k.first = true
	_, err = k.work(ctx, "pass", waiting, web.Erased{Tombstones: len(waiting)})
	return err
}

// tombstones lists the deletes that wait for an erasure.
func (k *keeper) tombstones(ctx context.Context) ([]erased.Entry, error) {
	var out []erased.Entry
	if k.index != nil {
		all, err := k.index.Tombstones()
		for _, t := range all {
			out = append(out, erased.ContactUntil(t.ID, t.Revision))
		}
		return out, err
	}
	for t, err := range exports.DeletionsIn(ctx, k.cfg.Out) {
		if err != nil {
			return nil, err
		}
		if t.Erase {
			out = append(out, erased.ContactUntil(t.ID, t.Revision))
		}
	}
	return out, nil
}

// work erases: first the set, so that nothing comes back, then all that holds it.
func (k *keeper) work(ctx context.Context, action string, entries []erased.Entry, out web.Erased) (_ *web.Erased, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var tables *exports.Keeper
	if hasTables(k.cfg.Out) {
		if tables, err = exports.OpenKeeper(ctx, exports.Options{FS: exports.Dir(k.cfg.Out), Location: k.cfg.Location()}); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, tables.Close()) }()
	}
	if err := k.mark(); err != nil {
		return nil, err
	}
	if err := k.set.Add(entries...); err != nil {
		return nil, err
	}
	limit := k.set.Limit()
	if k.index != nil {
		if out.Index, err = k.index.Purge(ctx); err != nil {
			return nil, err
		}
	}
	if tables != nil {
		p, err := tables.Purge(ctx, k.set)
		if err != nil {
			return nil, err
		}
		out.Tables = *p
		if out.Threads, err = k.threads(ctx, tables); err != nil {
			return nil, err
		}
		if keys := k.lab.masker.Keys(); len(keys) > 1 {
			if _, err := tables.WriteAliases(ctx, keys.Current); err != nil {
				return nil, err
			}
		}
	}
	if out.Weekly, err = k.quotes(ctx); err != nil {
		return nil, err
	}
	if len(entries) > 0 || out.Index > 0 || out.Tables != (exports.Purged{}) {
		if err := k.audit(action, &out); err != nil {
			return nil, err
		}
	}
	k.limit = limit
	if err := os.Remove(k.markerName()); err != nil {
		return nil, fmt.Errorf("erase: %w", err)
	}
	k.log.Info("erased", slog.String("action", action), slog.Int("index_contacts", out.Index), slog.Int("table_contacts", out.Tables.Contacts), slog.Int("files", out.Tables.Files))
	return &out, nil
}

// quotes writes those weekly exports anew that quote a contact which is not
// there any more.
func (k *keeper) quotes(ctx context.Context) (weeks []string, err error) {
	if k.index == nil {
		return nil, nil
	}
	dir := filepath.Join(k.cfg.Out, "weekly")
	all, err := weekly.Exports(dir)
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		stale, err := k.index.Missing(w.Quoted)
		if err != nil {
			return nil, err
		}
		if !stale {
			continue
		}
		o := weekly.DefaultOptions()
		o.Week, o.Location = w.Week, k.cfg.Location()
		o.MinContacts, o.Quotes, o.Sensitive, o.History = w.Options.MinContacts, w.Options.Quotes, w.Options.Sensitive, w.Options.History
		if o.Taxonomy, err = classify.LoadTaxonomy(k.lab.dict); err != nil {
			return nil, err
		}
		report, err := weekly.Build(ctx, k.index, o)
		if err != nil {
			return nil, err
		}
		if _, _, err := report.Write(dir, version()); err != nil {
			return nil, err
		}
		weeks = append(weeks, w.Week.String())
	}
	return weeks, nil
}

// threads writes the table of threads anew if it names a contact which is not
// there any more.
func (k *keeper) threads(ctx context.Context, tables *exports.Keeper) (bool, error) {
	rows, err := exports.ThreadsIn(ctx, k.cfg.Out)
	if err != nil || k.index == nil || len(rows) == 0 {
		return false, err
	}
	for i := range rows {
		stale, err := k.index.Missing(rows[i].RecordIDs)
		if err != nil {
			return false, err
		}
		if stale {
			_, err := writeThreads(ctx, tables, k.index, mine.Options{Days: int(rows[i].WindowDays), Current: k.lab.masker.Keys().Current})
			return true, err
		}
	}
	return false, nil
}

// audit adds a line that says what was done, to nobody in particular.
func (k *keeper) audit(action string, out *web.Erased) (err error) {
	line, err := json.Marshal(struct {
		At     time.Time   `json:"at"`
		Action string      `json:"action"`
		Erased *web.Erased `json:"erased"`
		Kept   string      `json:"kept_from,omitempty"`
	}{time.Now().UTC().Truncate(time.Second), action, out, day(k.set.Limit())})
	if err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(k.cfg.Data, "state", "audit.jsonl"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write audit: %w", err)
	}
	return nil
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// passEvery keeps a tombstone's contact from staying for an hour.
const passEvery = 30 * time.Minute

// watch passes now and every passEvery until stop is called.
func (k *keeper) watch(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(passEvery)
		defer t.Stop()
		for {
			if err := k.pass(ctx, true); err != nil && ctx.Err() == nil {
				k.log.Error("erase, will be tried again", slog.Any("error", err))
			}
			select {
			case <-t.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// openKeeper opens what an erasure works on. The caller holds the data folder.
func openKeeper(cfg config.Config, log *slog.Logger) (k *keeper, closeAll func() error, err error) {
	keys, err := keepKeys(cfg)
	if err != nil {
		return nil, nil, err
	}
	k = &keeper{cfg: cfg, log: log}
	if k.lab, err = newLabeller(cfg, keys); err != nil {
		return nil, nil, err
	}
	if k.set, err = openErased(cfg, keys); err != nil {
		return nil, nil, err
	}
	closeAll = func() error { return nil }
	if _, err := os.Stat(filepath.Join(cfg.Data, "index", "format")); errors.Is(err, fs.ErrNotExist) {
		return k, closeAll, nil
	}
	k.index, err = index.Open(index.Options{Dir: cfg.Data, Location: cfg.Location(), Words: k.lab.words, Dict: k.lab.dict, Erased: k.set, Logger: log})
	if err != nil {
		return nil, nil, err
	}
	return k, k.index.Close, nil
}

// shown is the id of a record by what a person gives.
func (l *labeller) shown(source, id string) string {
	return l.masker.ShownID(voc.NewRaw(source), voc.NewRaw(id))
}
