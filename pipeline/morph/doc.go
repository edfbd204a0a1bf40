// Package morph turns masked text into sentences and tokens. It normalises a
// shadow of the text with a map of offsets back to it, splits the shadow into
// sentences, and tokenises them by the IPA dictionary and koe's user
// dictionary.
//
// It does not change Record.Text, does not join tokens into phrases and does
// not know what a word means: package chunk and package classify do.
package morph
