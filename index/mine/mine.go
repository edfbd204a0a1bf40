// Package mine finds what no single contact tells, out of the columns of the
// index: the threads of contacts in which customers come back. It never runs in
// a stage, so what it finds does not depend on the order of arrival.
//
// It reads no text and keeps nothing.
package mine

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/koe-voc/koe/index"
)

// Source yields the contacts of an index. The index and its client are sources.
type Source interface {
	Rows(ctx context.Context) iter.Seq2[index.Row, error]
}

// Signal is something that a thread shows and none of its contacts.
type Signal string

// The signals of a thread.
const (
	// Repeat: the customer told the same matter again.
	Repeat Signal = "repeat"
	// Channel: the customer came back through another channel.
	Channel Signal = "channel"
	// Callback: the company came back to the customer. It is no repeat.
	Callback Signal = "callback"
)

// Signals lists the signals in a fixed order.
func Signals() []Signal { return []Signal{Repeat, Channel, Callback} }

// Options say what belongs together.
type Options struct {
	// Days is how long after one contact of a customer the next one still is of
	// the same thread. Contacts with one thread id are, however long it takes.
	Days int
	// Current brings the hash of a customer that an older key made up to date;
	// nil: there was only ever one key.
	Current func(hash string) string
}

// DefaultOptions returns what koe starts with.
func DefaultOptions() Options {
	// Two weeks: a repair or an exchange is done, or the customer has asked again.
	return Options{Days: 14}
}

// Thread is two contacts or more that belong together.
type Thread struct {
	ID       string         `json:"id"` // of its first contact
	Customer string         `json:"customer,omitempty"`
	Contacts []string       `json:"contacts"` // record ids in the order of time
	Channels []string       `json:"channels"` // in the order in which they were first used
	First    time.Time      `json:"first"`
	Last     time.Time      `json:"last"`
	Inbound  int            `json:"inbound"`
	Outbound int            `json:"outbound"`
	Products []string       `json:"products,omitempty"` // in order
	Matters  []string       `json:"matters,omitempty"`  // pairs that stand in two contacts of the customer's or more, in order
	Signals  map[Signal]int `json:"signals,omitempty"`  // how often
}

// Threads finds the threads of at least two contacts, in the order of their
// first contact.
func Threads(ctx context.Context, src Source, o Options) ([]Thread, error) {
	if o.Days < 0 {
		return nil, fmt.Errorf("find threads: %d days", o.Days)
	}
	var rows []index.Row
	for r, err := range src.Rows(ctx) {
		if err != nil {
			return nil, fmt.Errorf("find threads: %w", err)
		}
		if o.Current != nil && r.Customer != "" {
			r.Customer = o.Current(r.Customer)
		}
		if r.Customer != "" || r.Thread != "" {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b index.Row) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	var out []Thread
	for _, members := range link(rows, time.Duration(o.Days)*24*time.Hour) {
		if len(members) > 1 {
			out = append(out, thread(rows, members))
		}
	}
	return out, nil
}

// link groups rows, which are in order of time: a row joins the one before of
// its thread id, and the one before of its customer if that is near enough.
func link(rows []index.Row, near time.Duration) [][]int {
	root := make([]int, len(rows))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	// The older root stays: a group is known by its first row.
	join := func(a, b int) {
		a, b = find(a), find(b)
		root[max(a, b)] = min(a, b)
	}
	threads, customers := map[string]int{}, map[string]int{}
	for i := range rows {
		if id := rows[i].Thread; id != "" {
			if before, ok := threads[id]; ok {
				join(before, i)
			}
			threads[id] = i
		}
		if c := rows[i].Customer; c != "" {
			if before, ok := customers[c]; ok && rows[i].At.Sub(rows[before].At) <= near {
				join(before, i)
			}
			customers[c] = i
		}
	}
	groups := make(map[int][]int)
	for i := range rows {
		groups[find(i)] = append(groups[find(i)], i)
	}
	out := make([][]int, 0, len(groups))
	for _, first := range slices.Sorted(maps.Keys(groups)) {
		out = append(out, groups[first])
	}
	return out
}

// thread tells what its contacts, in order of time, come to.
func thread(rows []index.Row, members []int) Thread {
	first := &rows[members[0]]
	t := Thread{ID: first.ID, First: first.At, Last: rows[members[len(members)-1]].At, Signals: map[Signal]int{}}
	told := map[matter]bool{} // by the customer, so far
	matters, products := map[string]bool{}, map[string]bool{}
	channel := "" // of the customer's last contact
	for _, m := range members {
		r := &rows[m]
		t.Contacts = append(t.Contacts, r.ID)
		t.Customer = cmp.Or(t.Customer, r.Customer)
		if r.Channel != "" && !slices.Contains(t.Channels, r.Channel) {
			t.Channels = append(t.Channels, r.Channel)
		}
		if r.Product != "" {
			products[r.Product] = true
		}
		if r.Direction == outbound {
			t.Outbound++
			if t.Inbound > 0 {
				t.Signals[Callback]++
			}
			continue
		}
		t.Inbound++
		if channel != "" && r.Channel != channel {
			t.Signals[Channel]++
		}
		channel = r.Channel
		again := false
		for _, p := range r.Pairs {
			if k := (matter{r.Product, p}); told[k] {
				again, matters[p] = true, true
			} else {
				told[k] = true
			}
		}
		if again {
			t.Signals[Repeat]++
		}
	}
	t.Matters, t.Products = slices.Sorted(maps.Keys(matters)), slices.Sorted(maps.Keys(products))
	return t
}

const outbound = "outbound"

// matter is what a contact is about.
type matter struct{ product, pair string }
