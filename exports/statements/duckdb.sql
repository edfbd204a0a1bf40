SET TimeZone = '{{.Zone}}';
CREATE OR REPLACE VIEW contacts AS
WITH versions AS (
  SELECT *, FALSE AS deleted
  FROM read_parquet('{{.Out}}/contacts/*/*.parquet', union_by_name=true, hive_partitioning=true)
{{- if .Deletions}}
  UNION ALL BY NAME
  SELECT record_id AS id, revision_at, kafka_topic, kafka_partition, kafka_offset, TRUE AS deleted
  FROM read_parquet('{{.Out}}/deletions/*/*.parquet', union_by_name=true)
{{- end}}
), newest AS (
  SELECT * FROM versions
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY revision_at DESC, kafka_topic DESC, kafka_partition DESC, kafka_offset DESC, definition_sequence DESC) = 1
)
SELECT * EXCLUDE (deleted) FROM newest WHERE NOT deleted;
{{- if .Voices}}
CREATE OR REPLACE VIEW voices AS
SELECT v.* FROM read_parquet('{{.Out}}/voices/*/*.parquet', union_by_name=true, hive_partitioning=true) v
SEMI JOIN contacts c ON v.record_id = c.id AND v.revision = c.revision;
SELECT type, aspect, count(DISTINCT record_id) AS contacts FROM voices GROUP BY ALL ORDER BY contacts DESC, type, aspect;
{{- end}}
