package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// Step is something that is done with all documents.
type Step struct {
	Name string
	// Before prepares a round, outside of the time; it may be nil.
	Before func(context.Context) error
	Run    func(context.Context) error
}

// Figure is what a step took, in the order of the rounds.
type Figure struct {
	Name string
	CPU  []time.Duration // user and system time of the process
	Wall []time.Duration
}

// Rounds takes the steps in turn, rounds times, so that a busy machine slows
// all of them alike. done is called after each step.
func Rounds(ctx context.Context, steps []Step, rounds int, done func()) ([]Figure, error) {
	figures := make([]Figure, len(steps))
	for range rounds {
		for i, s := range steps {
			figures[i].Name = s.Name
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if s.Before != nil {
				if err := s.Before(ctx); err != nil {
					return nil, fmt.Errorf("prepare %s: %w", s.Name, err)
				}
			}
			runtime.GC() // what the step before left is not this one's to collect
			cpu, err := Processor()
			if err != nil {
				return nil, err
			}
			start := time.Now()
			if err := s.Run(ctx); err != nil {
				return nil, fmt.Errorf("measure %s: %w", s.Name, err)
			}
			wall := time.Since(start)
			after, err := Processor()
			if err != nil {
				return nil, err
			}
			figures[i].CPU = append(figures[i].CPU, after-cpu)
			figures[i].Wall = append(figures[i].Wall, wall)
			done()
		}
	}
	return figures, nil
}

// Processor is the time that this process has had of the processors.
func Processor() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("read the process's times: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// Median is the middle of d, the mean of the two middle ones if there are two;
// 0 of nothing.
func Median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	n := len(s)
	if n == 0 {
		return 0
	}
	return (s[(n-1)/2] + s[n/2]) / 2
}

// Ratios divides base's time of each round by f's: how many times as fast as
// base f is. low and high are the extremes.
func (f *Figure) Ratios(base *Figure) (median, low, high float64) {
	r := make([]float64, 0, len(f.CPU))
	for i := range min(len(f.CPU), len(base.CPU)) {
		r = append(r, base.CPU[i].Seconds()/max(f.CPU[i].Seconds(), 1e-9))
	}
	slices.Sort(r)
	n := len(r)
	if n == 0 {
		return 0, 0, 0
	}
	return (r[(n-1)/2] + r[n/2]) / 2, r[0], r[n-1]
}
