package classify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Time grows with the text, whatever stands in it: four times the text takes
// at most ten times as long, with room for a busy machine.
func TestLongTextsTakeLinearTime(t *testing.T) {
	s := newStages(t)
	for _, unit := range []string{"と", "の電話がない", "荷物が届かないので困る、", "二度と", "!?a "} {
		took := func(n int) time.Duration {
			r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, strings.Repeat(unit, n/len(unit)))
			s.prepare(t, r)
			best := time.Hour
			for range 3 {
				start := time.Now()
				if err := s.classify.Apply(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				best = min(best, time.Since(start))
			}
			return best
		}
		small, large := took(50_000), took(200_000)
		t.Logf("%q: %v, %v", unit, small, large)
		if large > 10*small+50*time.Millisecond {
			t.Errorf("%q: 50 kB take %v, 200 kB %v", unit, small, large)
		}
	}
}
