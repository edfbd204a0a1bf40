package decode

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// The ways of writing a time that a mapping may name. The default ones cannot
// be mistaken for each other.
const (
	formRFC3339 = "rfc3339" // 2024-05-01T23:36:34+09:00
	formYMD     = "ymd"     // 2024/4/1 9:05, 2024-05-01 23:36:34, 2024年4月1日 午後3時5分, 20240401
	formWareki  = "wareki"  // R6.4.1, 令和6年4月1日 9:05, H31.4, S60/1/1
	formMonth   = "month"   // 2024-04, 2024年4月, 202404
	formExcel   = "excel"   // 45383.378: days since 1899-12-30
	formDMY     = "dmy"     // 1/4/2024 9:05
	formMDY     = "mdy"     // 4/1/2024 9:05
	formUnix    = "unix"    // 1711929900
	formUnixMS  = "unix_ms" // 1711929900000
)

func defaultForms() []string {
	return []string{formRFC3339, formYMD, formWareki, formMonth, formExcel}
}

func checkForms(forms []string) error {
	known := append(defaultForms(), formDMY, formMDY, formUnix, formUnixMS)
	for _, f := range forms {
		if !slices.Contains(known, f) {
			return fmt.Errorf("no time format %q; write some of %s", f, strings.Join(known, ", "))
		}
	}
	return nil
}

const (
	clock = `(?:[ T]+(午前|午後|AM|PM)? ?(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)? ?(AM|PM)?)?(?: ?(Z|[+-]\d{2}:?\d{2}))?$`
	sep   = `[-/.]`
)

var (
	weekday   = regexp.MustCompile(`\((?:[日月火水木金土]|SUN|MON|TUE|WED|THU|FRI|SAT)\)`)
	spaces    = regexp.MustCompile(`\s+`)
	yearFirst = regexp.MustCompile(`^(\d{4})` + sep + `(\d{1,2})` + sep + `(\d{1,2})` + clock)
	yearLast  = regexp.MustCompile(`^(\d{1,2})` + sep + `(\d{1,2})` + sep + `(\d{4})` + clock)
	compact   = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:[ T]?(\d{2})(\d{2})(\d{2})?)?$`)
	eraDay    = regexp.MustCompile(`^(令和|平成|昭和|[RHS])(\d{1,2}|元)` + sep + `(\d{1,2})` + sep + `(\d{1,2})` + clock)
	eraMonth  = regexp.MustCompile(`^(令和|平成|昭和|[RHS])(\d{1,2}|元)` + sep + `(\d{1,2})$`)
	month     = regexp.MustCompile(`^(\d{4})(?:` + sep + `(\d{1,2})|(0[1-9]|1[0-2]))$`)
	serial    = regexp.MustCompile(`^(\d{5}(?:\.\d+)?)(?: (0(?:\.\d+)?))?$`)
)

// parseMoment reads a time as people and programs write it. day stands in
// where only a month is given, zone where no zone is.
func parseMoment(s string, forms []string, day int, zone *time.Location) (time.Time, bool) {
	s = strings.ToUpper(strings.TrimSpace(norm.NFKC.String(s)))
	if slices.Contains(forms, formRFC3339) {
		var t time.Time
		if t.UnmarshalText([]byte(s)) == nil {
			return t, true
		}
	}
	s = weekday.ReplaceAllString(s, " ")
	s = strings.NewReplacer("年", "/", "月", "/", "日", " ", "時", ":", "分", ":", "秒", "").Replace(s)
	s = strings.TrimRight(spaces.ReplaceAllString(s, " "), " :/")
	for _, f := range forms {
		if t, ok := parseForm(s, f, day, zone); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

func parseForm(s, form string, day int, zone *time.Location) (time.Time, bool) {
	switch form {
	case formYMD:
		if m := compact.FindStringSubmatch(s); m != nil {
			return date(number(m[1]), number(m[2]), number(m[3]), []string{"", m[4], m[5], m[6], "", ""}, zone)
		}
		if m := yearFirst.FindStringSubmatch(s); m != nil {
			return date(number(m[1]), number(m[2]), number(m[3]), m[4:], zone)
		}
	case formDMY, formMDY:
		if m := yearLast.FindStringSubmatch(s); m != nil {
			d, mon := number(m[1]), number(m[2])
			if form == formMDY {
				d, mon = mon, d
			}
			return date(number(m[3]), mon, d, m[4:], zone)
		}
	case formWareki:
		if m := eraDay.FindStringSubmatch(s); m != nil {
			return date(eraYear(m[1], m[2]), number(m[3]), number(m[4]), m[5:], zone)
		}
	case formMonth:
		if m := month.FindStringSubmatch(s); m != nil {
			return date(number(m[1]), number(m[2]+m[3]), day, nil, zone)
		}
		if m := eraMonth.FindStringSubmatch(s); m != nil {
			return date(eraYear(m[1], m[2]), number(m[3]), day, nil, zone)
		}
	case formExcel:
		if m := serial.FindStringSubmatch(s); m != nil {
			days, _ := strconv.ParseFloat(m[1], 64) // the pattern leaves digits only
			part, _ := strconv.ParseFloat(m[2], 64)
			sec := int((days+part)*86400 + 0.5)
			return time.Date(1899, 12, 30, 0, 0, sec, 0, zone), true
		}
	case formUnix, formUnixMS:
		n, err := strconv.ParseInt(s, 10, 64)
		if form == formUnix {
			return time.Unix(n, 0).In(zone), err == nil
		}
		return time.UnixMilli(n).In(zone), err == nil
	}
	return time.Time{}, false
}

// date builds a time out of numbers that must exist in the calendar. clock
// holds what the pattern of that name caught: 午前, hour, minute, second, AM,
// zone.
func date(y, m, d int, clock []string, zone *time.Location) (time.Time, bool) {
	var hour, minute, second int
	if clock != nil {
		hour, minute, second = number(clock[1]), number(clock[2]), number(clock[3])
		switch half := clock[0] + clock[4]; {
		case half != "" && hour > 12:
			return time.Time{}, false
		case (half == "午後" || half == "PM") && hour < 12:
			hour += 12
		case (half == "午前" || half == "AM") && hour == 12:
			hour = 0
		}
		if z := strings.Replace(clock[5], ":", "", 1); z == "Z" {
			zone = time.UTC
		} else if z != "" {
			off := number(z[1:3])*3600 + number(z[3:5])*60
			if z[0] == '-' {
				off = -off
			}
			zone = time.FixedZone("", off)
		}
	}
	t := time.Date(y, time.Month(m), d, hour, minute, second, 0, zone)
	return t, t.Month() == time.Month(m) && t.Day() == d && hour < 24 && minute < 60 && second < 60
}

// eraYear returns the year of our calendar; era is empty if it is one.
func eraYear(era, year string) int {
	n := number(year)
	if year == "元" {
		n = 1
	}
	switch era {
	case "令和", "R":
		return 2018 + n
	case "平成", "H":
		return 1988 + n
	case "昭和", "S":
		return 1925 + n
	}
	return n
}

// number reads digits; an absent group is 0.
func number(s string) int {
	n, _ := strconv.Atoi(s) // the patterns leave at most 4 digits
	return n
}
