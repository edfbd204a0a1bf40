// Package decode reads messages into changes: it knows the wire formats, the
// contact schema and mapping files, and nothing of brokers or of what a text
// means. What it reads stays [voc.Raw]; its errors name a reason and a field
// path and never hold text, keys or values of the message.
//
// # Contact schema v1
//
// A message is one JSON object in UTF-8. Names are exact; a name that is not
// listed, or that stands twice, is an error; null is the same as absent. Words
// such as "required" hold for every format of the schema. Times are RFC 3339
// with a zone ("2026-10-05T09:30:00+09:00"), from 1900 to 2199.
//
//	schema        "koe.contact/1", the default, or "koe.delete/1"
//	id            string, required: unique within source
//	source        string, required: the system that it comes from
//	channel       string, required: call, chat, mail (or email), form, sns, survey, video
//	direction     inbound or outbound
//	occurred_at   time; the message's own time stands in
//	ended_at      time
//	updated_at    time of this version: the newest version of a contact stands
//	customer_key  string: who it was, becomes a keyed hash
//	thread_id     string: links contacts of one matter
//	product, lot, shop, queue, agent_key, disposition   strings
//	categories    array of strings: the centre's own paths, "配送/遅延"
//	attrs         object: any names; values are strings, numbers or true/false
//	nps           whole number 0–10
//	csat          whole number 1–5
//	handling      object: wait_seconds, talk_seconds, hold_seconds, after_call_seconds, transfers; whole numbers from 0
//	turns         array of {speaker, at, text}: speaker is customer, agent, bot or system; at is a time
//	note          string: what the operator wrote
//	answer        string: what was replied; never a voice
//	parts         array of {question, text}: the answers of a form or survey
//	text          string: what the customer wrote or said, if it is one text
//
// A contact without words (turns, note, answer, parts, text) is valid and holds
// nothing to search.
//
// # Deletes
//
// {"schema":"koe.delete/1","source":…,"id":…,"updated_at":…} deletes a contact;
// updated_at may be absent. A Kafka tombstone (null value) does the same; its
// key is that object or "source/id", split at the first "/".
//
// A value of white space alone holds nothing: no change and no error.
//
// # Text
//
// Every string is cleaned: bytes that are not UTF-8 become U+FFFD; CR LF and
// CR become LF, and so do the line and paragraph separators; control
// characters but LF and tab, byte order marks, bidirectional controls and
// noncharacters are removed. Strings other than words lose white space at both
// ends, line breaks and tabs. Nothing else is changed: widths, kana and the
// two wave dashes are left to the tokeniser's normalised shadow.
//
// # Formats
//
// A [Decoder] chooses by the header koe-decoder, then by topic:
//
//	contact    the schema as it stands above
//	call       the same, channel may be absent and is then call; no other is allowed
//	chat       the same with chat
//	plain      lenient: id, channel, text, turns (speaker "user" is the customer), note, parts; other names are ignored
//	malformed  a row that its reader could not split: always an error
//
// and those of other systems, whose comments list the fields that are read and
// dropped: amazon-connect, contact-lens, genesys, line, mail, salesforce, x,
// zendesk. Names that such a system adds are passed over; a value that is not
// what the system documents is an error that names the field.
//
// avro and json-schema read records of contact schema v1 behind Confluent's
// schema id (a zero byte and the id in four bytes); [Schemas] gives the schemas.
// Names beyond the contact schema are passed over.
//
// # Mapping files
//
// A [Mapping] turns rows of CSV, TSV and xlsx files and objects of JSON Lines
// into the JSON of the contact schema; see [ParseMapping] for the file and
// [Propose] for a first draft of one. A topic whose objects have names of their
// own is read by a mapping too ([Options]), whether they come as plain JSON, as
// avro or as json-schema; without an id in the mapping an object's is the hash
// of its content.
package decode
