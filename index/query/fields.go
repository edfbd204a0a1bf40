package query

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// kind says what a field's value may be.
type kind uint8

const (
	closed kind = iota // one of a list
	open               // any value
	number
	days
	voices
)

type fieldInfo struct {
	kind   kind
	values []string
}

func list[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = string(v)
	}
	return out
}

func fields() map[string]fieldInfo {
	return map[string]fieldInfo{
		"type": {closed, list(voc.Types())}, "aspect": {closed, list(voc.Aspects())}, "channel": {closed, list(voc.Channels())},
		"risk": {closed, voc.Risks()}, "signal": {closed, voc.Signals()},
		"prior":      {closed, []string{"common", "individual", "situational", "latent", "mistaken"}},
		"fulfilment": {closed, []string{"below", "met", "above", "unknown"}},
		"touchpoint": {closed, []string{"centre", "store", "delivery", "visit", "agency", "web", "advertising", "product", "billing", "other"}},
		"masked":     {closed, []string{"person", "phone", "email", "address", "postal", "card", "account_or_member_id", "birthdate"}},
		"product":    {kind: open}, "shop": {kind: open}, "queue": {kind: open}, "source": {kind: open}, "sub": {kind: open}, "thread": {kind: open},
		"customer": {kind: open}, "id": {kind: open}, "definition": {kind: open}, "category": {kind: open},
		"nps": {kind: number}, "csat": {kind: number}, "day": {kind: days}, "since": {kind: days}, "until": {kind: days}, "voice": {kind: voices},
	}
}

// Fields lists the names of the fields in order.
func Fields() []string {
	var out []string
	for n := range fields() {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// field reads the value of a field; problems come back as text and hint.
func field(name, value string, quoted, prefix bool) (q Query, problem, hint string) {
	info, ok := fields()[name]
	if !ok {
		return nil, fmt.Sprintf("there is no field %q", name), "write " + nearest(name, Fields()) + ":, or quote the word if it is one"
	}
	if value == "" && !prefix {
		return nil, name + ": has no value", "write it behind the colon, without a space"
	}
	switch info.kind {
	case closed:
		v := strings.ToLower(value)
		if prefix && value == "" {
			return Field{Name: name, Value: "*"}, "", ""
		}
		if prefix || !slices.Contains(info.values, v) {
			return nil, fmt.Sprintf("%s: has no value %q", name, value), "write one of " + strings.Join(info.values, ", ")
		}
		return Field{Name: name, Value: v}, "", ""
	case number:
		return numbers(name, value)
	case days:
		return calendar(name, value)
	case voices:
		return voice(value, prefix)
	case open:
	}
	if prefix && value == "" && !quoted {
		return Field{Name: name, Value: "*"}, "", ""
	}
	return Field{Name: name, Value: value, Prefix: prefix}, "", ""
}

func numbers(name, value string) (q Query, problem, hint string) {
	r := Range{Name: name, Min: NoMin, Max: NoMax}
	var err error
	switch lo, hi, dots := strings.Cut(value, ".."); {
	case dots:
		r.Min, err = strconv.Atoi(lo)
		if err == nil {
			r.Max, err = strconv.Atoi(hi)
		}
	case strings.HasPrefix(value, "<="):
		r.Max, err = strconv.Atoi(value[2:])
	case strings.HasPrefix(value, ">="):
		r.Min, err = strconv.Atoi(value[2:])
	case strings.HasPrefix(value, "<"):
		r.Max, err = strconv.Atoi(value[1:])
		r.Max--
	case strings.HasPrefix(value, ">"):
		r.Min, err = strconv.Atoi(value[1:])
		r.Min++
	default:
		r.Min, err = strconv.Atoi(value)
		r.Max = r.Min
	}
	const bound = 1 << 20
	if err != nil || r.Min != NoMin && (r.Min < -bound || r.Min > bound) || r.Max != NoMax && (r.Max < -bound || r.Max > bound) {
		return nil, fmt.Sprintf("%s: %q is not a number", name, value), "write " + name + ":9, " + name + ":<=6 or " + name + ":3..6"
	}
	if r.Min > r.Max {
		return nil, fmt.Sprintf("%s: %q holds no number", name, value), "write the smaller one first"
	}
	return r, "", ""
}

func calendar(name, value string) (q Query, problem, hint string) {
	value = strings.ReplaceAll(value, "/", "-")
	t, err := time.Parse("2006-1-2", value)
	if err != nil {
		return nil, fmt.Sprintf("%s: %q is not a day", name, value), "write it like " + name + ":2026-10-05"
	}
	day := t.Format(time.DateOnly)
	switch name {
	case "since":
		return Days{From: day}, "", ""
	case "until":
		return Days{To: day}, "", ""
	default:
		return Days{From: day, To: day}, "", ""
	}
}

func voice(value string, prefix bool) (q Query, problem, hint string) {
	if prefix {
		value += "*"
	}
	const how = "write voice:complaint/delivery, voice:complaint/* or voice:*/delivery"
	parts := strings.SplitN(value, "/", 3)
	if len(parts) < 2 {
		return nil, fmt.Sprintf("voice: %q has no aspect", value), how
	}
	for i := range parts {
		if parts[i] == "*" {
			parts[i] = ""
		}
	}
	v := Voice{Type: strings.ToLower(parts[0]), Aspect: strings.ToLower(parts[1])}
	if len(parts) == 3 {
		v.Sub = parts[2]
	}
	if v.Type != "" && !slices.Contains(list(voc.Types()), v.Type) {
		return nil, fmt.Sprintf("voice: there is no type %q", parts[0]), "write one of " + strings.Join(list(voc.Types()), ", ")
	}
	if v.Aspect != "" && !slices.Contains(list(voc.Aspects()), v.Aspect) {
		return nil, fmt.Sprintf("voice: there is no aspect %q", parts[1]), "write one of " + strings.Join(list(voc.Aspects()), ", ")
	}
	return v, "", ""
}

// nearest returns the known word with the smallest edit distance.
func nearest(word string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(word, a), distance(word, b)) })
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}
