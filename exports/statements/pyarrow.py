import glob, os
import pandas as pd, pyarrow as pa, pyarrow.dataset as ds, pyarrow.parquet as pq
def versions(table):
    newest = max(glob.glob("{{.Out}}/" + table + "/*/*.parquet"), key=os.path.getmtime)
    schema = pq.read_schema(newest).append(pa.field("dt", pa.date32()))
    days = ds.partitioning(pa.schema([("dt", pa.date32())]), flavor="hive")
    return ds.dataset("{{.Out}}/" + table, schema=schema, partitioning=days).to_table().to_pandas(types_mapper=pd.ArrowDtype)
order = ["revision_at", "kafka_topic", "kafka_partition", "kafka_offset", "definition_sequence"]
contacts = versions("contacts").assign(deleted=False)
{{- if .Deletions}}
contacts = pd.concat([contacts, versions("deletions").rename(columns={"record_id": "id"}).assign(deleted=True, definition_sequence=0)])
{{- end}}
contacts = contacts.sort_values(order).drop_duplicates("id", keep="last")
contacts = contacts[~contacts["deleted"]].drop(columns="deleted")
{{- if .Voices}}
voices = versions("voices").merge(contacts[["id", "revision"]].rename(columns={"id": "record_id"}), on=["record_id", "revision"])
{{- end}}
