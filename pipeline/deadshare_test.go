package pipeline_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/koe-voc/koe/pipeline"
)

// runShare runs over values with a limit on the share of dead letters.
func runShare(t *testing.T, limit float64, values []string) (*memory, error) {
	t.Helper()
	cfg := pipeline.DefaultConfig()
	cfg.Batch, cfg.MaxDeadShare = 10, limit
	sink := &memory{}
	r, err := pipeline.New(cfg, pipeline.Parts{Source: &log{values: values}, Decoder: decoder{}, Masker: masker{}, Sinks: []pipeline.Sink{sink}})
	if err != nil {
		t.Fatal(err)
	}
	return sink, r.Run(t.Context())
}

// messages are n messages of which every nth is dead; 0: none.
func messages(n, every int) []string {
	var out []string
	for i := range n {
		if every > 0 && i%every == 0 {
			out = append(out, "! x")
		} else {
			out = append(out, fmt.Sprint("id", i, " x"))
		}
	}
	return out
}

func TestTooManyDeadLettersStopTheRun(t *testing.T) {
	for name, tc := range map[string]struct {
		limit  float64
		values []string
		at     int // messages that the sink may hold at most; 0: the run goes to its end
	}{
		"all are dead":               {0.5, messages(5000, 1), 100},
		"no limit":                   {0, messages(500, 1), 0},
		"a share below":              {0.5, messages(5000, 3), 0},
		"a share above":              {0.3, messages(5000, 3), 100},
		"too few to judge":           {0.5, messages(99, 1), 0},
		"bad after many good":        {0.5, slices.Concat(messages(3000, 0), messages(5000, 1)), 3501},
		"a burst among good":         {0.5, slices.Concat(messages(3000, 0), messages(400, 1), messages(3000, 0)), 0},
		"everything may be dead":     {1, messages(500, 1), 0},
		"good after a burst of long": {0.5, slices.Concat(messages(1000, 0), messages(499, 1), messages(1000, 0), messages(499, 1)), 0},
	} {
		t.Run(name, func(t *testing.T) {
			sink, err := runShare(t, tc.limit, tc.values)
			if tc.at == 0 {
				if err != nil || len(sink.lines) != len(tc.values) {
					t.Errorf("%d of %d messages, %v", len(sink.lines), len(tc.values), err)
				}
				return
			}
			share, ok := errors.AsType[*pipeline.DeadShareError](err)
			if !ok || len(sink.lines) > tc.at || !strings.Contains(err.Error(), "calls: ") || !strings.Contains(err.Error(), "value at nps") {
				t.Fatalf("%d messages in the sink, %v", len(sink.lines), err)
			}
			if float64(share.Dead) <= tc.limit*float64(share.Of) {
				t.Errorf("stopped at %d of %d", share.Dead, share.Of)
			}
		})
	}
}
