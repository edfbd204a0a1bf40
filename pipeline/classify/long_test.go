package classify_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Time grows with the text, whatever stands in it: four times the text takes
// at most ten times as long on the processor, which other programs do not count
// for.
func TestLongTextsTakeLinearTime(t *testing.T) {
	s := newStages(t)
	for _, unit := range []string{"と", "の電話がない", "荷物が届かないので困る、", "二度と", "!?a "} {
		took := func(n int) time.Duration {
			r := one("x", voc.ChannelMail, []voc.Role{voc.FreeText}, strings.Repeat(unit, n/len(unit)))
			s.prepare(t, r)
			best := time.Hour
			for range 3 {
				start := processor(t)
				if err := s.classify.Apply(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				best = min(best, processor(t)-start)
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

// processor is the time that the process has had.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
