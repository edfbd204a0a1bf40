"""Reads koe's Parquet tables with DuckDB, pyarrow, polars and pandas and
compares what they see with each other and with what koe demo printed. Tables
that koe compact and koe export threads write are read too.

usage: readers.py OUT DEMO.txt
"""
import glob
import re
import sys

import duckdb
import pandas
import polars
import pyarrow.dataset as ds

out, printed = sys.argv[1], open(sys.argv[2], encoding="utf-8").read()
tables = ["contacts", "voices", "latest_contacts", "latest_voices", "threads"]
keys = {"contacts": "id", "voices": "record_id", "threads": "thread_id"}
counts = {}
for table in tables:
    pattern = f"{out}/{table}/*/*.parquet"
    assert glob.glob(pattern), f"no files at {pattern}"
    duck = duckdb.sql(f"SELECT * FROM read_parquet('{pattern}', union_by_name=true, hive_partitioning=true)")
    arrow = ds.dataset(f"{out}/{table}", partitioning="hive").to_table()
    polar = polars.scan_parquet(pattern, hive_partitioning=True).collect()
    panda = pandas.read_parquet(f"{out}/{table}")
    n = {"duckdb": duck.shape[0], "pyarrow": arrow.num_rows, "polars": polar.height, "pandas": len(panda)}
    assert len(set(n.values())) == 1, n
    columns = set(arrow.column_names)
    for name, other in (("duckdb", set(duck.columns)), ("polars", set(polar.columns)), ("pandas", set(panda.columns))):
        assert columns == other, (table, name, columns ^ other)
    counts[table] = arrow.num_rows
    kind = table.removeprefix("latest_")
    key = keys[kind]
    if kind == "threads":
        assert duckdb.sql(f"SELECT {key}, len(record_ids) FROM duck ORDER BY 1").fetchall() == sorted(
            (t, len(r)) for t, r in zip(arrow.column(key).to_pylist(), arrow.column("record_ids").to_pylist())
        )
        continue
    order = f"{key}, revision" + ("" if kind == "contacts" else ", type, aspect, start_char")
    rows = duckdb.sql(f"SELECT {key}, revision, epoch_us(occurred_at) AS at, day FROM duck ORDER BY {order}").fetchall()
    other = arrow.sort_by([(c.strip(), "ascending") for c in order.split(",")])
    for row, i in zip(rows, range(len(rows))):
        at = other.column("occurred_at")[i].value
        assert (row[0], row[1], row[2]) == (other.column(key)[i].as_py(), other.column("revision")[i].as_py(), at), (table, i)
        assert row[3] == other.column("day")[i].as_py(), (table, i, "day")
    # A filter on a text column and one on a time give the same rows in both.
    for where in ("channel = 'call'", "occurred_at >= TIMESTAMPTZ '2026-10-19 00:00:00+09:00'"):
        got = duckdb.sql(f"SELECT count(*) FROM duck WHERE {where}").fetchone()[0]
        if where.startswith("channel"):
            want = arrow.filter(ds.field("channel") == "call").num_rows
        else:
            want = sum(1 for v in other.column("occurred_at") if v.as_py().isoformat() >= "2026-10-18T15:00:00")
        assert got == want, (table, where, got, want)
for table in ("contacts", "voices"):  # the demo's contacts have one version each
    assert counts["latest_" + table] == counts[table], counts
    n = counts[table]
    assert re.search(rf"\b{n:,}\b|\b{n}\b", printed), f"koe demo does not print {n} rows of {table}"
joined = duckdb.sql(
    f"""SELECT count(*) FROM read_parquet('{out}/voices/*/*.parquet') v
        JOIN read_parquet('{out}/contacts/*/*.parquet') c ON v.record_id = c.id AND v.revision = c.revision"""
).fetchone()[0]
assert joined == counts["voices"], (joined, counts)
print("duckdb, pyarrow, polars and pandas agree:", counts)
