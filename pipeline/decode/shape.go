package decode

import (
	"errors"
	"slices"
	"strconv"

	"github.com/koe-voc/koe/pipeline/voc"
)

// errUnknown is returned by a record's visit for a name that the schema does
// not have.
var errUnknown = errors.New("unknown name")

// dict reads an object, nothing for null.
func (r *reader) dict(visit func(name string) error) error {
	switch {
	case r.null():
		return nil
	case r.kind() != '{':
		return fail(voc.ReasonType, "")
	}
	return r.object(visit)
}

// record reads an object whose names are the schema's: none stands twice.
func (r *reader) record(visit func(name string) error) error {
	var given []string
	return r.dict(func(name string) error {
		if slices.Contains(given, name) {
			return fail(voc.ReasonValue, name)
		}
		err := visit(name)
		if errors.Is(err, errUnknown) && r.lenient {
			return r.over()
		}
		if errors.Is(err, errUnknown) {
			return fail(voc.ReasonUnknown, "")
		}
		given = append(given, name)
		return within(err, name)
	})
}

// list reads an array of at most limit elements, nothing for null.
func (r *reader) list(limit int, visit func() error) error {
	switch {
	case r.null():
		return nil
	case r.kind() != '[':
		return fail(voc.ReasonType, "")
	}
	return r.array(func(i int) error {
		if i == limit {
			return fail(voc.ReasonTooLarge, "")
		}
		if err := visit(); err != nil {
			return within(err, "["+strconv.Itoa(i)+"]")
		}
		return nil
	})
}

// index writes the path of an element.
func index(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }
