// Package classify finds voices, risk flags, signals and mentions in a record
// that package morph and package chunk have read.
//
// It works clause by clause: an evaluation and the thing it is about suggest
// the aspect, the way in which it is said suggests the type, and expressions
// that composition cannot reach stand as explicit rules. All of these are
// rows of the dictionary; this package knows grammar only. Linear models
// (package model, trained by koe train) then decide by what the rules, the
// words and the neighbours of a clause say. It looks at one record at a time
// and never changes the text.
//
// # Tables
//
// The columns of every table are explained by comments at its top. A pattern
// is written in words as a dictionary has them:
//
//	話が違う            the words one after the other, in any inflection
//	つながる~           the word negated: つながらない, つながりません, つながらず
//	二度と 使う|買う     words with at most five tokens and no comma between them; "|" parts alternatives
//	電話 … 出る~        any distance within the sentence
//	返金 -済み          and nowhere in the sentence 済み
//	たらい回し / 盥回し   two patterns of one row
//
// The column "when" of a rule asks for the modality of the clause in which the
// pattern ends, with "-" before it for its absence: neg, wish, request,
// suggestion, question, cond, hearsay, report, past, unable, quoted,
// benefactive, adversative, or asks for any of wish, request, suggestion and
// question; and for channels and roles, as in "channel:chat,mail role:note".
//
// Polite endings (です, ます) and the past た do not count, and ん, ず and ぬ
// count as ない. A word begins and ends where a token does; in the text as it
// stands, words of four letters and more are found anywhere.
package classify
