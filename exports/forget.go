package exports

import (
	"slices"
	"time"

	"github.com/koe-voc/koe/pipeline/voc"
)

// version names a version of a contact.
type version struct{ id, revision string }

func (c *contactRow) subject() voc.Subject {
	return voc.Subject{ID: c.ID, Customer: str(c.CustomerKey), At: c.OccurredAt, Revision: revisionOf(c.Revision)}
}

func (d *deletionRow) subject(loc *time.Location) voc.Subject {
	return voc.Subject{ID: d.RecordID, At: midnight(d.Day, loc), Revision: revisionOf(d.Revision)}
}

// revisionOf is the zero revision for what is none.
func revisionOf(s string) voc.Revision {
	r, err := voc.ParseRevision(s)
	if err != nil {
		return voc.Revision{}
	}
	return r
}

// forget drops what was erased after it was taken.
func (b *buffer) forget(e Erased, loc *time.Location) {
	gone := map[version]bool{}
	b.contacts = slices.DeleteFunc(b.contacts, func(c contactRow) bool {
		held := e.Holds(c.subject())
		if held {
			gone[version{c.ID, c.Revision}] = true
		}
		return held
	})
	if len(gone) > 0 {
		b.voices = slices.DeleteFunc(b.voices, func(v voiceRow) bool { return gone[version{v.RecordID, v.Revision}] })
	}
	b.dead = slices.DeleteFunc(b.dead, func(d deadRow) bool { return e.Holds(voc.Subject{At: d.Time}) })
	b.deletions = slices.DeleteFunc(b.deletions, func(d deletionRow) bool { return e.Holds(d.subject(loc)) })
}
