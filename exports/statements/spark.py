spark.conf.set("spark.sql.session.timeZone", "{{.Zone}}")
def versions(table):
    return spark.read.option("mergeSchema", "true").parquet("{{.Out}}/" + table)
versions("contacts").createOrReplaceTempView("contact_versions")
{{- if .Deletions}}
versions("deletions").createOrReplaceTempView("deletion_versions")
{{- end}}
contacts = spark.sql("""
  WITH versions AS (
    SELECT id, revision, revision_at, kafka_topic, kafka_partition, kafka_offset, definition_sequence, FALSE AS deleted FROM contact_versions
{{- if .Deletions}}
    UNION ALL
    SELECT record_id, revision, revision_at, kafka_topic, kafka_partition, kafka_offset, 0, TRUE FROM deletion_versions
{{- end}}
  ), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY revision_at DESC, kafka_topic DESC, kafka_partition DESC, kafka_offset DESC, definition_sequence DESC) AS n FROM versions
  )
  SELECT c.* FROM contact_versions c LEFT SEMI JOIN ranked r ON c.id = r.id AND c.revision = r.revision AND r.n = 1 AND NOT r.deleted""")
contacts.createOrReplaceTempView("contacts")
{{- if .Voices}}
versions("voices").createOrReplaceTempView("voice_versions")
voices = spark.sql("SELECT v.* FROM voice_versions v LEFT SEMI JOIN contacts c ON v.record_id = c.id AND v.revision = c.revision")
voices.createOrReplaceTempView("voices")
{{- end}}
