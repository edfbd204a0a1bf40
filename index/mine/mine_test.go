package mine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/koe-voc/koe/index"
	"github.com/koe-voc/koe/index/mine"
)

// rows is a source.
type rows []index.Row

func (r rows) Rows(context.Context) iter.Seq2[index.Row, error] {
	return func(yield func(index.Row, error) bool) {
		for i := range r {
			if !yield(r[i], nil) {
				return
			}
		}
	}
}

func at(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, time.UTC) }

func row(id, customer, channel, product string, t time.Time, pairs ...string) index.Row {
	return index.Row{ID: id, Customer: customer, Channel: channel, Product: product, At: t, Pairs: pairs}
}

func TestThreads(t *testing.T) {
	out := row("c/2", "h1:a", "call", "鍋", at(2, 9))
	out.Direction = "outbound"
	slow := row("m/9", "", "mail", "", at(30, 9), "inquiry/procedure")
	slow.Thread = "T-1"
	begun := row("m/1", "h1:z", "mail", "", at(1, 1), "inquiry/procedure")
	begun.Thread = "T-1"
	for _, c := range []struct {
		name string
		in   rows
		want []mine.Thread
	}{
		{"one contact is no thread", rows{row("c/1", "h1:a", "call", "", at(1, 9))}, nil},
		{"two customers are none", rows{row("c/1", "h1:a", "call", "", at(1, 9)), row("c/2", "h1:b", "call", "", at(1, 9))}, nil},
		{"nobody knows whose they are", rows{row("c/1", "", "call", "", at(1, 9)), row("c/2", "", "call", "", at(1, 9))}, nil},
		{
			"the same matter again, through another channel, with a call back between",
			rows{row("c/3", "h1:a", "chat", "鍋", at(3, 9), "complaint/delivery", "praise/attitude"), out, row("c/1", "h1:a", "call", "鍋", at(1, 9), "complaint/delivery")},
			[]mine.Thread{{
				ID: "c/1", Customer: "h1:a", Contacts: []string{"c/1", "c/2", "c/3"}, Channels: []string{"call", "chat"}, First: at(1, 9), Last: at(3, 9), Inbound: 2, Outbound: 1,
				Products: []string{"鍋"}, Matters: []string{"complaint/delivery"}, Signals: map[mine.Signal]int{mine.Repeat: 1, mine.Channel: 1, mine.Callback: 1},
			}},
		},
		{
			"another product is another matter",
			rows{row("c/1", "h1:a", "call", "鍋", at(1, 9), "complaint/delivery"), row("c/2", "h1:a", "call", "皿", at(2, 9), "complaint/delivery")},
			[]mine.Thread{{ID: "c/1", Customer: "h1:a", Contacts: []string{"c/1", "c/2"}, Channels: []string{"call"}, First: at(1, 9), Last: at(2, 9), Inbound: 2, Products: []string{"皿", "鍋"}}},
		},
		{"too late", rows{row("c/1", "h1:a", "call", "", at(1, 9)), row("c/2", "h1:a", "call", "", at(15, 10))}, nil},
		{
			"just in time",
			rows{row("c/1", "h1:a", "call", "", at(1, 9)), row("c/2", "h1:a", "call", "", at(15, 9))},
			[]mine.Thread{{ID: "c/1", Customer: "h1:a", Contacts: []string{"c/1", "c/2"}, Channels: []string{"call"}, First: at(1, 9), Last: at(15, 9), Inbound: 2}},
		},
		{
			"a thread id reaches further, and joins those of the customer",
			rows{slow, begun, row("c/1", "h1:z", "call", "", at(3, 9))},
			[]mine.Thread{{
				ID: "m/1", Customer: "h1:z", Contacts: []string{"m/1", "c/1", "m/9"}, Channels: []string{"mail", "call"}, First: at(1, 1), Last: at(30, 9), Inbound: 3,
				Matters: []string{"inquiry/procedure"}, Signals: map[mine.Signal]int{mine.Repeat: 1, mine.Channel: 2},
			}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := mine.Threads(t.Context(), c.in, mine.DefaultOptions())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in rows
		for i := range rapid.IntRange(0, 12).Draw(t, "contacts") {
			r := row(fmt.Sprintf("c/%d", i), rapid.SampledFrom([]string{"", "h1:a", "h1:b"}).Draw(t, "customer"), rapid.SampledFrom([]string{"call", "chat"}).Draw(t, "channel"), "",
				at(rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(0, 1).Draw(t, "hour")), rapid.SampledFrom([]string{"complaint/delivery", "inquiry/price"}).Draw(t, "pair"))
			r.Thread = rapid.SampledFrom([]string{"", "", "T-1", "T-2"}).Draw(t, "thread")
			r.Direction = rapid.SampledFrom([]string{"", "inbound", "outbound"}).Draw(t, "direction")
			in = append(in, r)
		}
		want, err := mine.Threads(context.Background(), in, mine.DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		got, err := mine.Threads(context.Background(), rows(rapid.Permutation([]index.Row(in)).Draw(t, "arrival")), mine.DefaultOptions())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		seen := map[string]bool{}
		for _, th := range got {
			for _, id := range th.Contacts {
				if seen[id] {
					t.Fatalf("%s is in two threads", id)
				}
				seen[id] = true
			}
		}
	})
}
