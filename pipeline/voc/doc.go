// Package voc is the vocabulary of koe: the nouns that flow through the
// pipeline and nothing that acts on them.
//
// A [Message] comes from a source. A decoder reads it into [Change] values,
// each the upsert of a [Contact] or a delete. A Contact still holds what the
// customer wrote, as [Raw]. The masker turns it into a [Record], which holds
// masked text only. The stages add sentences, tokens, bunsetsu and clauses,
// and at the end [Voice], risk and signal [Flag] values. What a message came
// to is an [Item], the unit that sinks take.
//
// The package imports the standard library only and has no behaviour beyond
// formatting, comparing and converting its own values. It knows no Kafka, no
// index, no file format but the JSON form of a Record, which is the form at
// every border.
package voc
