// Package erased remembers for ever what was erased, without saying who: a set
// of keyed hashes that both sinks ask before they keep anything, so that
// neither a replay nor a rebuilt index brings it back. What is older than the
// days that are to be kept counts as erased too.
//
// It takes nothing out of indexes and tables: they do that themselves.
package erased

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/koe-voc/koe/pipeline/durable"
	"github.com/koe-voc/koe/pipeline/voc"
)

// Entry is one thing that was erased.
type Entry struct {
	id, customer string
	until        voc.Revision
	before       time.Time
}

// Contact erases a contact by the id of its record, whatever comes later.
func Contact(id string) Entry { return Entry{id: id} }

// ContactUntil erases the versions of a contact up to a revision: a tombstone.
func ContactUntil(id string, rev voc.Revision) Entry { return Entry{id: id, until: rev} }

// Customer erases the contacts of a customer's hash that occurred before a
// time, in whole seconds: the index knows the times of contacts so.
func Customer(hash string, before time.Time) Entry {
	return Entry{customer: hash, before: before.Truncate(time.Second)}
}

// Set is what was erased, in memory and in one file or more that hold the same.
// Its methods are safe for concurrent use; of several processes one at a time
// may Add.
type Set struct {
	key   []byte
	files []string
	keep  Retention

	mu        sync.RWMutex
	read      []fs.FileInfo // of the files as they were read
	ids       map[string]voc.Revision
	customers map[string]time.Time
	oldest    time.Time // what occurred before it counts as erased; zero: nothing does
}

// Retention says how long contacts are kept.
type Retention struct {
	Days     int // 0: for ever
	Location *time.Location
	Now      func() time.Time
}

// Open reads the set from all files; one that is missing gets what the others
// hold. key is the
// secret of the hashes; a file made with another is refused.
func Open(key []byte, keep Retention, files ...string) (*Set, error) {
	if keep.Now == nil {
		keep.Now = time.Now
	}
	if keep.Location == nil {
		keep.Location = time.UTC
	}
	s := &Set{key: key, keep: keep, files: files, ids: map[string]voc.Revision{}, customers: map[string]time.Time{}, read: make([]fs.FileInfo, len(files))}
	if err := s.Refresh(); err != nil {
		return nil, err
	}
	if s.Len() > 0 && slices.Contains(s.read, nil) {
		return s, s.Add() // a file is new: it gets what the others hold
	}
	return s, nil
}

// line is an entry as it is written.
type line struct {
	Koe      string     `json:"koe,omitempty"` // of the first line
	Check    string     `json:"check,omitempty"`
	ID       string     `json:"id,omitempty"`
	Customer string     `json:"customer,omitempty"`
	Revision string     `json:"until,omitempty"`
	Before   *time.Time `json:"before,omitempty"`
}

const formatVersion = "erased 1"

func (s *Set) hash(use, text string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte("erased\x00" + use + "\x00" + text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Refresh takes in what other processes have added, and the present day.
func (s *Set) Refresh() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oldest = time.Time{}
	if s.keep.Days > 0 {
		y, m, d := s.keep.Now().In(s.keep.Location).Date()
		s.oldest = time.Date(y, m, d-s.keep.Days, 0, 0, 0, 0, s.keep.Location)
	}
	for i, name := range s.files {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			s.read[i] = nil
			continue
		}
		if err != nil {
			return fmt.Errorf("read what was erased: %w", err)
		}
		if old := s.read[i]; old != nil && os.SameFile(old, info) && old.Size() == info.Size() && old.ModTime().Equal(info.ModTime()) {
			continue
		}
		if err := s.load(name); err != nil {
			return fmt.Errorf("read what was erased: %w", err)
		}
		s.read[i] = info
	}
	return nil
}

func (s *Set) load(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for i, text := range bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("%s line %d: %w; restore the file from a backup", name, i+1, err)
		}
		switch {
		case i == 0 && l.Koe != formatVersion:
			return fmt.Errorf("%s: format %.20q, this koe reads %q", name, l.Koe, formatVersion)
		case i == 0 && l.Check != s.hash("check", ""):
			return fmt.Errorf("%s was written with another key; give koe the key file that it was made with", name)
		case l.ID != "":
			var until voc.Revision
			if l.Revision != "" {
				if until, err = voc.ParseRevision(l.Revision); err != nil {
					return fmt.Errorf("%s line %d: %w", name, i+1, err)
				}
			}
			s.addID(l.ID, until)
		case l.Customer != "" && l.Before != nil:
			s.addCustomer(l.Customer, *l.Before)
		}
	}
	return nil
}

// addID keeps the entry that reaches further; the zero revision has no end.
func (s *Set) addID(hash string, until voc.Revision) {
	have, ok := s.ids[hash]
	if !ok || have != (voc.Revision{}) && (until == (voc.Revision{}) || have.Compare(until) < 0) {
		s.ids[hash] = until
	}
}

func (s *Set) addCustomer(hash string, before time.Time) {
	if before.After(s.customers[hash]) {
		s.customers[hash] = before
	}
}

// Add adds entries; when it returns they are durable in every file.
func (s *Set) Add(entries ...Entry) error {
	if err := s.Refresh(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		if e.id != "" {
			s.addID(s.hash("id", e.id), e.until)
		}
		if e.customer != "" {
			s.addCustomer(s.hash("customer", e.customer), e.before.UTC())
		}
	}
	text, err := s.text()
	if err != nil {
		return fmt.Errorf("write what was erased: %w", err)
	}
	for i, name := range s.files {
		if err := durable.Replace(name, text); err != nil {
			return fmt.Errorf("write what was erased: %w", err)
		}
		if s.read[i], err = os.Stat(name); err != nil {
			return fmt.Errorf("write what was erased: %w", err)
		}
	}
	return nil
}

func (s *Set) text() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	if err := enc.Encode(line{Koe: formatVersion, Check: s.hash("check", "")}); err != nil {
		return nil, err
	}
	for _, hash := range slices.Sorted(maps.Keys(s.ids)) {
		l := line{ID: hash}
		if until := s.ids[hash]; until != (voc.Revision{}) {
			l.Revision = until.String()
		}
		if err := enc.Encode(l); err != nil {
			return nil, err
		}
	}
	for _, hash := range slices.Sorted(maps.Keys(s.customers)) {
		before := s.customers[hash]
		if err := enc.Encode(line{Customer: hash, Before: &before}); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// Holds reports whether a version of a contact was erased.
func (s *Set) Holds(x voc.Subject) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !x.At.IsZero() && x.At.Before(s.oldest) {
		return true
	}
	if x.ID != "" && len(s.ids) > 0 {
		if until, ok := s.ids[s.hash("id", x.ID)]; ok && (until == (voc.Revision{}) || x.Revision.Compare(until) <= 0) {
			return true
		}
	}
	if x.Customer == "" || len(s.customers) == 0 || x.At.IsZero() {
		return false
	}
	gone := func(hash string) bool { return x.At.Before(s.customers[s.hash("customer", hash)]) }
	return gone(x.Customer) || slices.ContainsFunc(x.Before, gone)
}

// Limit is the time before which contacts are not kept; zero: there is none.
func (s *Set) Limit() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.oldest
}

// Len counts the entries.
func (s *Set) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.ids) + len(s.customers)
}
