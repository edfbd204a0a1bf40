// Package pipeline runs koe's stages: it reads messages from a source, has
// them decoded, masked and labelled in parallel, and hands the items to the
// sinks in order. It owns the contracts [Source], [Session], [Decoder],
// [Masker], [Stage] and [Sink], and all of koe's concurrency. It imports no
// stage, source or sink: cmd/koe joins them. This comment is also the page of
// koe's architecture.
//
// # The way of the data
//
//	Kafka topics, files ─▶ source ─▶ decode ─▶ mask ─▶ morph ─▶ chunk ─▶ classify ─▶ ┬▶ index    bleve
//	                                  │                                              └▶ exports  Parquet
//	                                  └▶ dead letters
//
// One direction; no stage looks back, none sees more than one contact. A stage
// is a synchronous function of its input. What spans contacts is computed from
// the index's columns, never in a stage.
//
// # Folders and imports
//
//	cmd/koe            the binary, one file per command; config (viper), demo (broker, generator), bench (speed), ui (terminal)
//	index/web          HTTP API on the socket in the data folder, and its client
//	exports/weekly     the weekly topic export
//	index/mine         threads of contacts, out of the index's columns
//	index              bleve: documents, search, columns          index/query: the search language
//	index/segment      what bleve writes a batch as, faster: zapx's bytes
//	exports            Parquet tables behind a ledger; its Keeper compacts, erases, backs up
//	pipeline/erased    the set of keyed hashes of what was erased
//	pipeline/durable   small files of state, replaced in one step
//	pipeline/mask      the only place that reveals raw text
//	pipeline/…         source, decode, morph, chunk, classify, eval; pipelinetest is for tests
//	pipeline/model     linear classifiers over hashed features: scoring, training, storing
//	dict/lint          entries of the dictionary that are wrong or of no use
//	pipeline/voc       the vocabulary; standard library only
//	dict               definitions as data, and their loader
//	testdata           text written for koe, gold labels
//
// Imports point down this list; a test in cmd/koe holds the graph, and who may
// import which library.
//
// # Contracts
//
// Every message yields a [voc.Item], also a dead or an empty one, so positions
// always advance. A sink keeps its own position per partition and skips what
// lies below it; the committed offset of the group is the smallest durable
// one, for others to see. A session is read from the smallest position of the
// sinks; a partition that one of them never saw is read from its first message.
//
// A contact without words is nothing to keep, unless its change says that it
// holds figures (Change.Figures): the record of a call, whose words another
// source has. Both are of one thread.
//
// A dead letter holds position, reason, field, decoder, size and hash, never the
// payload. Run ends when more than a share of a topic's last messages are dead.
// koe dead retry reads dead letters again by position: such a message keeps its
// own position and revision, and sinks count it in a partition of its own
// (Message.Replay, topic "retry-" and the hash of the positions), so that a retry
// gives what the right decoder had given at first.
//
// A file is the topic "file-" and the SHA-256 of its bytes and its mapping,
// partition 0: loading the same bytes again is a no-op.
//
// [voc.Raw] holds text that is not masked. It prints, logs and marshals as its
// number of runes. A [voc.Record] has none, and sinks take Records only: the
// compiler keeps personal data out of index, files and logs.
//
// Offsets are bytes of Record.Text inside the process and code points of the
// masked text at every border: JSON, Parquet, API.
//
// A record's identity is source/id; an id that is not plain, or is itself a
// telephone or card number, is a keyed hash. Its revision orders versions:
// updated_at, else occurred_at, else the message's time; then topic, partition,
// offset; then the definition's sequence. The index keeps the newest, a delete
// included; Parquet keeps all.
//
// The definition version is a hash of the merged dictionary, the engine's
// revision and the masker's. Every record, row and document carries it; the
// dictionary of each version in use is kept under data/dict.
//
// # Delivery
//
// Index: the position stands in the same bleve batch as its documents. A crash
// falls back to a snapshot and its position; the replay overwrites by id and
// revision. Durable is what bleve's persister has called back.
//
// Exports: a chain of ledger entries [from, to) per partition, published by
// link(2). Files are staged outside the tables, synced, then committed by the
// entry, then renamed; whoever opens the ledger completes renames. The loser of
// a publish gets [ErrSuperseded], drops its buffer and reads on from the
// winner's position.
//
// A rebalance flushes nothing: what is held of partitions that stay is kept,
// of others dropped, and their new owner reads it from the ledger's end.
//
// # Keeping
//
// Whoever puts files into the tables holds _ledger/lock shared; a keeper that
// takes files away or swaps folders holds it alone, for moments, after it has
// placed the files of all entries and folded them: no entry then names a file
// that may go. One keeper works at a time (_ledger/keeper).
//
// Compaction stages a day's folder and exchanges it in one step (renameat2): a
// reader by glob sees the old files or the new ones. The exchange is the commit
// point; it is durable before the old files are removed. latest_contacts and
// latest_voices are written the same way. Voices and contacts of a day are
// exchanged one after the other, so readers join by day and look again.
//
// Erasure: first the hashes go into the set, beside the index and beside the
// tables; both sinks ask it at each batch and flush. Then bleve's documents are
// deleted and every segment with documents that do not live is written anew,
// Parquet files are replaced one by one, contacts before voices, and weekly
// exports and threads that name who is gone are written anew. All of it may be
// repeated: a marker in data/state makes the next pass complete what a crash cut
// off. A tombstone (null value) is a delete that asks for this; a pass every half
// hour does it, with its revision as the limit. Days kept (keep.days) are a limit
// of the same set.
//
// Keys: a hash of a customer or an agent carries the version of its key, and each
// key hashes the hash before it. So koe brings an old hash up to date without
// the text, threads and erasures reach over a change of the key (koe key
// rotate), and the table aliases says the same to readers of the tables.
//
// A rebuild fills a new index with the newest versions and the deletes of the
// tables, gives it the ledger's positions in its last batch, and exchanges the
// folders. A backup lists positions and files while no writer moves, and copies
// the files after that.
//
// # How a voice is decided
//
// Rules read a clause first: the entries of the dictionary in it, its modality,
// what they make of both. Three linear models then decide (dict/data/*.model,
// koe train): one scores each clause for types, aspects, risks and signals by
// its words, letters, word classes (concepts.tsv), neighbours and what the rules
// found; one scores the record as a whole for pairs of type and aspect; the
// odds of both are joined. The third says what hangs on a voice. A voice names
// the dictionary entry that found its type in the clause, else the model and its
// version. koe explain shows all of it; koe eval --by rules leaves the models out.
//
// # Who holds the data
//
// bleve's files admit one process. It holds data/lock and answers on
// data/koe.sock; search, show, status and export ask it, or open the index
// themselves if nobody holds it. A command that finds the lock taken waits five
// seconds for a holder that does not answer.
//
// # Where the code departs from the first design
//
//   - Searches do not use bleve's searchers. A query is evaluated to bitmaps
//     over the postings of bleve's segments; keywords, days and numbers by a
//     pass over the columns that counts use. Relevance is BM25 over the hits.
//     So one mechanism serves hits, counts and pages.
//   - Columns are built in memory for a segment when a search first sees it,
//     out of its term dictionaries; they are not files.
//   - morph searches the IPA dictionary's lattice itself, because kagome gives
//     user words priority whatever their cost; a differential test holds the
//     tokens equal to kagome's where no user word is involved.
//   - A delete leaves a document without words in the index, so that an older
//     version that arrives later does not bring the contact back.
//   - pipeline.Session is an alias, so that sources can return it without
//     importing this package.
//   - Deletes are a fourth Parquet table, deletions.
//   - A voice's confidence is the odds that its pair of type and aspect is right.
//     Voices are given from where F1 is best, which is below .5; those of whose
//     type or aspect the odds are low stand in unclassified too.
//   - Rules propose and models decide, where the first design let a model add or
//     veto: rules alone find half of the pairs that both find.
//   - decode walks Avro itself: the library's generic decoder follows the length
//     of an array, which comes with the message, without end.
//   - A compaction has no ledger entry of its own: the entries it would supersede
//     are folded before, and the exchange of the folder commits it.
//
// # What is not there yet
//
// koe serve, koe produce for deletes, alerts, relabelling and the analyst's
// pages. The shapes above are made for them: relabelling starts behind the mask
// with ledger entries of its own.
package pipeline
