import glob, os
import polars as pl
def versions(table):
    files = "{{.Out}}/" + table + "/*/*.parquet"
    schema = pl.read_parquet_schema(max(glob.glob(files), key=os.path.getmtime))
    return pl.scan_parquet(files, schema=schema, missing_columns="insert", cast_options=pl.ScanCastOptions(missing_struct_fields="insert"), hive_schema={"dt": pl.Date})
order = ["revision_at", "kafka_topic", "kafka_partition", "kafka_offset", "definition_sequence"]
contacts = versions("contacts").with_columns(deleted=pl.lit(False))
{{- if .Deletions}}
deletions = versions("deletions").rename({"record_id": "id"}).with_columns(deleted=pl.lit(True))
contacts = pl.concat([contacts, deletions], how="diagonal")
{{- end}}
contacts = contacts.sort(order, nulls_last=False).unique("id", keep="last", maintain_order=True).filter(~pl.col("deleted")).drop("deleted")
{{- if .Voices}}
voices = versions("voices").join(contacts.select("id", "revision"), left_on=["record_id", "revision"], right_on=["id", "revision"], how="semi")
{{- end}}
