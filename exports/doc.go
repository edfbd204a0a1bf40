// Package exports keeps records as Parquet tables that other programs read:
// contacts, voices, dead_letters and deletions, in folders by day. A ledger
// makes each message count exactly once, whatever dies and whoever takes over.
//
// It does not search, and it does not decide what a week's topics are: package
// index and package weekly do.
//
// # Folders
//
//	<out>/format                                        version and time zone, fixed at creation
//	<out>/<table>/dt=2026-10-05/<topic>-<partition>-<from>-<to>.parquet
//	<out>/_ledger/<topic>-<partition>-<from>.json       entries: the commit points
//	<out>/_ledger/<topic>-<partition>.checkpoint        old entries, folded
//	<out>/_ledger/lock, keeper                          writers hold lock shared, a keeper alone
//	<out>/_ledger/erased                                hashes of what was erased
//	<out>/_staging/<writer>/                            files that are not committed; outside the
//	                                                    tables, because DuckDB and polars go by the
//	                                                    glob and Spark by any suffix
//
// # The ledger
//
// An entry covers the offsets [from, to) of one partition and names its files.
// from is the to of the entry before, so that the entries are a chain. A flush
// writes and syncs the files under _staging, then publishes the entry by
// link(2), which fails if the name is taken: the loser drops what it held and
// reads on from the winner's to. After that the files are renamed into place;
// whoever opens the ledger next completes renames that a crash left undone.
//
// # Reading
//
// dt is the day of occurred_at in the zone (of the message for dead letters
// and deletions) and equals the column day. All versions of a contact stay;
// the newest has the greatest revision_at, kafka position and definition, and
// its voices are those with the same record id and revision. [Statements]
// prints this ready to paste. [Keeper.Compact] writes the same as tables,
// latest_contacts and latest_voices, as of its last run:
//
//	SELECT * FROM read_parquet('<out>/latest_contacts/*/*.parquet', union_by_name=true)
//	spark.read.option("mergeSchema", "true").parquet("<out>/latest_contacts")
package exports
