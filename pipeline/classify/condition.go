package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/koe-voc/koe/pipeline/voc"
)

// condition is what the column "when" of a rule asks for.
type condition struct {
	with, without voc.Modality
	asks          bool // a wish, request, suggestion or question
	channels      []voc.Channel
	roles         []voc.Role
}

func modality(name string) (voc.Modality, bool) {
	switch name {
	case "neg":
		return voc.Negated, true
	case "wish":
		return voc.Wish, true
	case "request":
		return voc.Request, true
	case "suggestion":
		return voc.Suggestion, true
	case "question":
		return voc.Question, true
	case "cond":
		return voc.Condition, true
	case "hearsay":
		return voc.Hearsay, true
	case "report":
		return voc.Report, true
	case "past":
		return voc.Past, true
	case "unable":
		return voc.Unable, true
	case "quoted":
		return voc.Quoted, true
	case "benefactive":
		return voc.Benefactive, true
	case "adversative":
		return voc.Adversative, true
	}
	return 0, false
}

// parseCondition reads "neg -question role:note channel:chat,mail"; "asks"
// stands for any wish, request, suggestion or question.
func parseCondition(s string) (condition, error) {
	var c condition
	for f := range strings.FieldsSeq(s) {
		if list, ok := strings.CutPrefix(f, "channel:"); ok {
			for ch := range strings.SplitSeq(list, ",") {
				c.channels = append(c.channels, voc.Channel(ch))
			}
			continue
		}
		if list, ok := strings.CutPrefix(f, "role:"); ok {
			for ro := range strings.SplitSeq(list, ",") {
				c.roles = append(c.roles, voc.Role(ro))
			}
			continue
		}
		if f == "asks" {
			c.asks = true
			continue
		}
		name, without := strings.CutPrefix(f, "-")
		m, ok := modality(name)
		if !ok {
			return c, fmt.Errorf("condition %q is not known", f)
		}
		if without {
			c.without |= m
		} else {
			c.with |= m
		}
	}
	return c, nil
}

func (c *condition) holds(m voc.Modality, ch voc.Channel, role voc.Role) bool {
	const asks = voc.Wish | voc.Request | voc.Suggestion | voc.Question | voc.Counterfactual
	if c.asks && m&asks == 0 || !m.Has(c.with) || m&c.without != 0 {
		return false
	}
	return oneOf(c.channels, ch) && oneOf(c.roles, role)
}

func oneOf[T comparable](list []T, v T) bool {
	if slices.Contains(list, v) {
		return true
	}
	return len(list) == 0
}
