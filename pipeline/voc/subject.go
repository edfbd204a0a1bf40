package voc

import "time"

// Subject is what decides whether a version of a contact may be kept, or a
// delete or dead letter of one. Empty fields are not known.
type Subject struct {
	ID       string    // of the record
	Customer string    // keyed hash
	Before   []string  // its hashes by older keys
	At       time.Time // of the contact; zero: not known, and no limit of time holds it
	Revision Revision
}

// Subject returns what decides whether the record may be kept.
func (r *Record) Subject() Subject {
	return Subject{ID: r.ID, Customer: r.CustomerKey, Before: r.CustomerBefore, At: r.OccurredAt, Revision: r.Revision}
}
