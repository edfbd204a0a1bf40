//go:build !race

package classify_test

import (
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline/voc"
)

// What is kept of a record are its labels: a text ten times as long with the
// same to say takes no more memory to read. Not under the race detector, which
// has sync.Pool forget what it holds at random.
func TestNothingIsAllocatedByToken(t *testing.T) {
	s := newStages(t)
	allocs := func(n int) float64 {
		r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, strings.Repeat("昨日の午後に駅前の店へ行き、荷物がまだ届かないと言いました。", n))
		s.prepare(t, r)
		return testing.AllocsPerRun(20, func() {
			if err := s.classify.Apply(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := allocs(10), allocs(100)
	t.Logf("%v and %v allocations", few, many)
	if many > few+50 { // far below one for each of 1,500 tokens more; what is kept for the next record may be made anew
		t.Errorf("ten times the tokens take %v allocations, %v before", many, few)
	}
}
