package decode

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/koe-voc/koe/pipeline/voc"
)

// visits says what reads the value of each name of an object.
type visits map[string]func() error

// loose reads an object of a vendor's. Vendors add names, so those that v does
// not have are passed over.
func (r *reader) loose(v visits) error {
	return r.dict(func(name string) error {
		if read := v[name]; read != nil {
			return within(read(), name)
		}
		return r.over()
	})
}

// root reads a message that is one object of a vendor's.
func (r *reader) root(v visits) error {
	if r.kind() != '{' {
		return fail(voc.ReasonType, "")
	}
	return r.loose(v)
}

// in reads an object inside another.
func (r *reader) in(v visits) func() error { return func() error { return r.loose(v) } }

// each reads an array whose elements one reads.
func (r *reader) each(limit int, one func() error) func() error {
	return func() error { return r.list(limit, one) }
}

// scalarText returns a string, a number or true and false as text: vendors
// write ids either way.
func (r *reader) scalarText() (string, error) {
	switch r.kind() {
	case '{', '[':
		return "", fail(voc.ReasonType, "")
	case '"', 'n':
		s, err := r.str(MaxShort)
		return cleanShort(s), err
	}
	return string(r.scalar()), nil
}

// to reads a short value.
func (r *reader) to(raw *voc.Raw) func() error {
	return func() error {
		s, err := r.scalarText()
		*raw = voc.NewRaw(s)
		return err
	}
}

// word reads a short value that the decoder itself looks at.
func (r *reader) word(to *string) func() error {
	return func() (err error) {
		*to, err = r.scalarText()
		return err
	}
}

// said reads words that the decoder itself looks at.
func (r *reader) said(to *string) func() error {
	return func() error {
		s, err := r.str(MaxText)
		*to = clean(s)
		return err
	}
}

// flag reads true or false.
func (r *reader) flag(to *bool) func() error {
	return func() error {
		switch r.kind() {
		case 'n':
			r.null()
		case 't', 'f':
			*to = string(r.scalar()) == "true"
		default:
			return fail(voc.ReasonType, "")
		}
		return nil
	}
}

// stamp reads a time as vendors write it: RFC 3339, or with +0000 for the zone.
func (r *reader) stamp(to *time.Time) func() error {
	return func() error {
		s, err := r.str(MaxShort)
		if err != nil || s == "" {
			return err
		}
		var t time.Time
		if t.UnmarshalText([]byte(s)) != nil {
			if t, err = time.Parse("2006-01-02T15:04:05.999999999-0700", s); err != nil {
				return fail(voc.ReasonValue, "")
			}
		}
		return keepTime(to, t)
	}
}

// millis reads milliseconds since 1970.
func (r *reader) millis(to *time.Time) func() error {
	return func() error {
		switch {
		case r.null():
			return nil
		case r.kind() != '0':
			return fail(voc.ReasonType, "")
		}
		f, err := strconv.ParseFloat(string(r.scalar()), 64)
		if err != nil || math.Abs(f) > 1e15 {
			return fail(voc.ReasonValue, "")
		}
		return keepTime(to, time.UnixMilli(int64(f)).UTC())
	}
}

func keepTime(to *time.Time, t time.Time) error {
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return fail(voc.ReasonValue, "")
	}
	*to = t
	return nil
}

// seconds reads a duration.
func (r *reader) seconds(to **int) func() error {
	return func() error { return r.number(to, 0, maxSeconds) }
}

// pair is an attribute before it is wrapped.
type pair struct{ name, value string }

// attr adds an attribute of the decoder's own unless its value is empty or the
// message has one of that name.
func (r *reader) attr(name, value string) {
	if value != "" && len(r.pairs) < MaxAttrs && !slices.ContainsFunc(r.pairs, func(p pair) bool { return p.name == name }) {
		r.pairs = append(r.pairs, pair{name, value})
	}
}

// siteAttrs reads attributes whose names a site chose. Those that are named for
// a person's name, address, telephone and the like are dropped: alone, without a
// word beside it, a name cannot be told from other words. So are those that are
// too long to be an attribute.
func (r *reader) siteAttrs() error {
	r.pairs = nil
	n := -1
	return r.dict(func(name string) error {
		n++
		var value string
		switch r.kind() {
		case '{', '[':
			return fail(voc.ReasonType, index("", n))
		case '"':
			value = cleanShort(r.text())
		default:
			if !r.null() {
				value = string(r.scalar())
			}
		}
		if name = cleanShort(name); name != "" && len(name) <= MaxShort && len(value) <= MaxShort && !personalName(name) {
			r.attr(name, value)
		}
		return nil
	})
}

func personalName(name string) bool {
	name = strings.ToLower(norm.NFKC.String(name))
	for _, w := range []string{
		"氏名", "名前", "姓名", "顧客名", "お客様名", "フリガナ", "ふりがな", "カナ", "住所", "郵便", "電話", "携帯", "生年月日", "メール",
		"phone", "mobile", "mail", "address", "birth", "postal", "firstname", "first_name", "lastname", "last_name", "fullname", "full_name", "customername", "customer_name",
	} {
		if strings.Contains(name, w) {
			return true
		}
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.ContainsFunc(words, func(w string) bool { return w == "name" || w == "tel" || w == "fax" || w == "zip" })
}

// wrapAttrs hands over the attributes read.
func (r *reader) wrapAttrs() {
	slices.SortFunc(r.pairs, func(a, b pair) int { return cmp.Compare(a.name, b.name) })
	for _, a := range r.pairs {
		if a.value != "" {
			r.contact.Attrs = append(r.contact.Attrs, voc.RawAttr{Name: voc.NewRaw(a.name), Value: voc.NewRaw(a.value)})
		}
	}
}

// turn adds a turn unless it says nothing.
func (r *reader) turn(s voc.Speaker, at time.Time, text string) {
	if strings.TrimSpace(text) != "" {
		r.contact.Turns = append(r.contact.Turns, voc.RawTurn{Speaker: s, At: at, Text: voc.NewRaw(text)})
	}
}

// joinWords joins what is not blank by line breaks.
func joinWords(words ...string) voc.Raw {
	words = slices.DeleteFunc(words, func(s string) bool { return strings.TrimSpace(s) == "" })
	return voc.NewRaw(strings.Join(words, "\n"))
}

// upsert is the only change of a message of one contact.
func (r *reader) upsert() []voc.Change {
	r.wrapAttrs()
	return []voc.Change{{Contact: r.contact}}
}

// remove is a delete of the contact that r has read.
func (r *reader) remove() []voc.Change {
	c := voc.Contact{Source: r.contact.Source, ID: r.contact.ID, UpdatedAt: r.contact.UpdatedAt}
	return []voc.Change{{Delete: true, Contact: c}}
}
