package weekly

import (
	"fmt"
	"time"
)

// Week is an ISO 8601 week: Monday to Sunday, the first holds 4 January.
type Week struct{ Year, Number int }

// ParseWeek reads "2026-W47".
func ParseWeek(s string) (Week, error) {
	var w Week
	var rest string
	if n, _ := fmt.Sscanf(s, "%4d-W%2d%s", &w.Year, &w.Number, &rest); n != 2 || w.String() != s || WeekOf(w.Monday()) != w {
		return Week{}, fmt.Errorf("week %q: want an ISO week such as 2026-W47", s)
	}
	return w, nil
}

// WeekOf returns the week of t's day in t's own zone.
func WeekOf(t time.Time) Week {
	y, n := t.ISOWeek()
	return Week{y, n}
}

// LastFull returns the week before that of now in loc.
func LastFull(now time.Time, loc *time.Location) Week {
	return WeekOf(now.In(loc).AddDate(0, 0, -7))
}

// String returns "2026-W47".
func (w Week) String() string { return fmt.Sprintf("%04d-W%02d", w.Year, w.Number) }

// MarshalText is String.
func (w Week) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText is ParseWeek.
func (w *Week) UnmarshalText(b []byte) (err error) {
	*w, err = ParseWeek(string(b))
	return err
}

// Monday returns the first day of the week, at midnight UTC.
func (w Week) Monday() time.Time {
	fourth := time.Date(w.Year, time.January, 4, 0, 0, 0, 0, time.UTC)
	return fourth.AddDate(0, 0, 7*(w.Number-1)-(int(fourth.Weekday())+6)%7)
}

// Sunday returns the last day of the week, at midnight UTC.
func (w Week) Sunday() time.Time { return w.Monday().AddDate(0, 0, 6) }
