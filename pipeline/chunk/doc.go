// Package chunk joins tokens into bunsetsu, finds on what each of them depends
// (係り受け), and cuts sentences into clauses: a predicate with its arguments and
// the ways in which it is said (negation, wish, question, hearsay and the rest).
//
// It works by rules. Closed grammatical classes (particles, auxiliaries, the
// patterns that they form) stand in Go; open-class words such as intensifiers
// or reporting verbs come from dict's chunk_cues.tsv. It does not know which
// word is good or bad: package classify does.
package chunk
