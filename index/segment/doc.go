// Package segment writes the segments of koe's index: a plugin for scorch,
// bleve's store, that turns a batch of koe's documents into the bytes of a
// segment of zapx version 17.
//
// zapx takes the words of each document as a map of strings and finds them again
// in maps of strings. This package takes them as numbers of a Vocabulary, puts
// them in order by counting, writes each posting list once, from its first byte to
// its last, and builds the dictionaries itself. The bytes are those that zapx would write (but for the order
// in which zapx walks a map), so stock bleve reads and merges the files.
//
// It only makes new segments. Reading, merging and keeping them on disk is
// zapx's, and so are new segments of documents that are not koe's. It writes what
// koe's documents have: no doc values, composite fields, array positions, offsets
// of bytes, vectors, shapes or nested documents. It does not know what the fields
// mean (package index does).
package segment
