package pipeline

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// The last deadWindow messages of a topic are judged, from deadLeast on: a wrong
// decoder is noticed after 100 messages, and some bad ones among thousands of
// good ones are no reason to stop.
const (
	deadWindow = 1000
	deadLeast  = 100
)

// DeadShareError ends a run whose topic gives too many dead letters: nobody
// should find a day later that all of it went to the bin.
type DeadShareError struct {
	Topic     string
	Dead, Of  int     // among the last messages of the topic
	Limit     float64 // Config.MaxDeadShare
	Commonest []string
}

// Error tells what was wrong with the messages, by the commonest reasons.
func (e *DeadShareError) Error() string {
	return fmt.Sprintf("%s: %d of its last %d messages are dead letters (%s), a share above the %g that is allowed; "+
		"correct the sender, or how the topic is decoded, and start again: reading goes on where it stopped",
		e.Topic, e.Dead, e.Of, strings.Join(e.Commonest, ", "), e.Limit)
}

// deadShares counts the dead letters among each topic's last messages. It is
// for the one goroutine that writes.
type deadShares struct {
	limit  float64 // 0: no limit
	topics map[string]*deadShare
}

// deadShare is a ring of what the last messages came to: empty, or why the
// message is dead.
type deadShare struct {
	last []string
	next int
	dead int
}

// add notes an item and reports whether its topic now has too many dead ones.
func (d *deadShares) add(item *voc.Item) error {
	if d.limit <= 0 {
		return nil
	}
	s := d.topics[item.Partition.Topic]
	if s == nil {
		s = &deadShare{}
		if d.topics == nil {
			d.topics = map[string]*deadShare{}
		}
		d.topics[item.Partition.Topic] = s
	}
	why := ""
	if len(item.Dead) > 0 {
		why = (&voc.DecodeError{Reason: item.Dead[0].Reason, Field: item.Dead[0].Field}).Error()
		s.dead++
	}
	if len(s.last) < deadWindow {
		s.last = append(s.last, why)
	} else {
		if s.last[s.next] != "" {
			s.dead--
		}
		s.last[s.next] = why
		s.next = (s.next + 1) % deadWindow
	}
	if n := len(s.last); n < deadLeast || why == "" || float64(s.dead) <= d.limit*float64(n) {
		return nil
	}
	return &DeadShareError{Topic: item.Partition.Topic, Dead: s.dead, Of: len(s.last), Limit: d.limit, Commonest: s.commonest()}
}

// commonest lists the three commonest reasons with their counts.
func (s *deadShare) commonest() []string {
	count := map[string]int{}
	for _, why := range s.last {
		if why != "" {
			count[why]++
		}
	}
	all := slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	var out []string
	for _, why := range all[:min(3, len(all))] {
		out = append(out, fmt.Sprintf("%s: %d", why, count[why]))
	}
	return out
}
