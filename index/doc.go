// Package index keeps records in bleve and finds them again: it turns records
// into documents, remembers its own positions beside them, and answers
// searches, counts and histograms.
//
// bleve stores what it is given: ready tokens and keywords through a pooled
// document of koe's own, which package segment turns into the bytes of a segment
// of stock bleve, and the masked record itself as one stored field, so that index
// and display cannot disagree. Searches run over the postings of bleve's segments
// as bitmaps; counts and orders come from columns that are built once for a segment
// out of its dictionaries. bleve's own analysers, facets and sorting are not used:
// they cost between 30 and 150 times as much.
//
// It does not parse queries (package query), does not tokenise, and speaks no
// protocol (package web).
//
// # Folder
//
//	<data>/lock            held by the one process that has the index open
//	<data>/index/format    version and time zone, fixed at creation
//	<data>/index/bleve/    files of stock bleve
//
// # Fields of a document
//
//	text      the content words of the record in order, folded by synonyms
//	day, sec  day and second of the day of occurred_at in the zone
//	pair, sub, risk, signal, channel, product, …   keywords, the source of columns
//	gone      1: the record was deleted; what stays is its revision. erase: and
//	          no file may hold what was before
//	rev       stored: the revision
//	rec       stored: the record as JSON, zstd with a dictionary
package index
