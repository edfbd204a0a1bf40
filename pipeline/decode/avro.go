package decode

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/hamba/avro/v2"

	"github.com/koe-voc/koe/pipeline/voc"
)

// maxItems bounds the elements of all arrays and maps of a message: elements of
// no size cost no bytes.
const maxItems = 1 << 20

// parseAvro makes a schema of its text and of those that it refers to.
func parseAvro(texts [][2]string) (avro.Schema, error) {
	cache := &avro.SchemaCache{}
	var s avro.Schema
	for _, t := range texts {
		var err error
		if s, err = avro.ParseBytesWithCache([]byte(t[1]), "", cache); err != nil {
			return nil, fmt.Errorf("parse schema %s: %w", t[0], err)
		}
	}
	return s, nil
}

// avro reads a record in Avro behind Confluent's schema id. The record's fields
// are those of contact schema v1, or whatever the topic's mapping names; others
// are passed over. Times may be of the logical types timestamp-millis, -micros
// and date (in UTC) or strings.
//
// Read: every field, as JSON: records and maps as objects, arrays, strings,
// enums, numbers, booleans, unions as the value that they hold, bytes as base64.
// Dropped: logical types other than times, which become plain numbers or bytes.
func (d *Decoder) avro(m voc.Message) ([]voc.Change, error) {
	id, payload, err := wire(m.Value)
	if err != nil {
		return nil, err
	}
	s, err := d.avroSchemas.get(id)
	if err != nil {
		return nil, err
	}
	api := avro.Config{MaxByteSliceSize: MaxText}.Freeze()
	w := avroWriter{in: avro.NewReader(bytes.NewReader(nil), 0, avro.WithReaderConfig(api)).Reset(payload)}
	if err := w.value(s, 0); err != nil {
		return nil, err
	}
	if w.in.Peek(); w.in.Error == nil { // something is left
		return nil, fail(voc.ReasonSyntax, "")
	}
	return d.object(m, w.b)
}

// avroWriter writes JSON of what it reads. It walks itself, and not by the
// library's generic decoder, which would follow a length of 2^62 to its end.
type avroWriter struct {
	in    *avro.Reader
	b     []byte
	items int
}

func (w *avroWriter) value(s avro.Schema, depth int) error {
	if depth > MaxDepth {
		return fail(voc.ReasonTooLarge, "")
	}
	switch s := s.(type) {
	case *avro.RefSchema:
		return w.value(s.Schema(), depth+1)
	case *avro.RecordSchema:
		return w.record(s, depth)
	case *avro.EnumSchema:
		i := int(w.in.ReadInt())
		if i < 0 || i >= len(s.Symbols()) {
			return fail(voc.ReasonValue, "")
		}
		w.b = appendString(w.b, s.Symbols()[i])
	case *avro.UnionSchema:
		i := w.in.ReadLong()
		if i < 0 || i >= int64(len(s.Types())) || w.in.Error != nil {
			return fail(voc.ReasonSyntax, "")
		}
		return w.value(s.Types()[i], depth+1)
	case *avro.ArraySchema:
		return w.blocks('[', ']', func() error { return w.value(s.Items(), depth+1) })
	case *avro.MapSchema:
		return w.blocks('{', '}', func() error {
			w.b = append(appendString(w.b, w.in.ReadString()), ':')
			return w.value(s.Values(), depth+1)
		})
	case *avro.FixedSchema:
		if s.Size() > MaxText {
			return fail(voc.ReasonTooLarge, "")
		}
		raw := make([]byte, s.Size())
		w.in.Read(raw)
		w.b = appendString(w.b, base64.StdEncoding.EncodeToString(raw))
	case *avro.NullSchema:
		w.b = append(w.b, "null"...)
	case *avro.PrimitiveSchema:
		w.primitive(s)
	default:
		return fail(voc.ReasonSchema, "")
	}
	if w.in.Error != nil {
		return fail(voc.ReasonSyntax, "")
	}
	return nil
}

func (w *avroWriter) record(s *avro.RecordSchema, depth int) error {
	w.b = append(w.b, '{')
	for i, f := range s.Fields() {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(appendString(w.b, f.Name()), ':')
		if err := w.value(f.Type(), depth+1); err != nil {
			return within(err, f.Name())
		}
	}
	w.b = append(w.b, '}')
	return nil
}

// blocks reads the elements of an array or a map.
func (w *avroWriter) blocks(left, right byte, element func() error) error {
	w.b = append(w.b, left)
	for first := true; ; {
		n, _ := w.in.ReadBlockHeader()
		if w.in.Error != nil {
			return fail(voc.ReasonSyntax, "")
		}
		if n == 0 {
			w.b = append(w.b, right)
			return nil
		}
		for range n {
			if w.items++; w.items > maxItems {
				return fail(voc.ReasonTooLarge, "")
			}
			if !first {
				w.b = append(w.b, ',')
			}
			first = false
			if err := element(); err != nil {
				return err
			}
		}
	}
}

func (w *avroWriter) primitive(s *avro.PrimitiveSchema) {
	var logical avro.LogicalType
	if l := s.Logical(); l != nil {
		logical = l.Type()
	}
	switch s.Type() {
	case avro.String:
		w.b = appendString(w.b, w.in.ReadString())
	case avro.Bytes:
		w.b = appendString(w.b, base64.StdEncoding.EncodeToString(w.in.ReadBytes()))
	case avro.Boolean:
		w.b = strconv.AppendBool(w.b, w.in.ReadBool())
	case avro.Int:
		w.whole(int64(w.in.ReadInt()), logical)
	case avro.Long:
		w.whole(w.in.ReadLong(), logical)
	case avro.Float:
		w.float(float64(w.in.ReadFloat()))
	case avro.Double:
		w.float(w.in.ReadDouble())
	default:
		w.b = append(w.b, "null"...)
	}
}

func (w *avroWriter) whole(n int64, logical avro.LogicalType) {
	var t time.Time
	switch logical {
	case avro.Date:
		t = time.Unix(n*86400, 0)
	case avro.TimestampMillis, avro.LocalTimestampMillis:
		t = time.UnixMilli(n)
	case avro.TimestampMicros, avro.LocalTimestampMicros:
		t = time.UnixMicro(n)
	default:
		w.b = strconv.AppendInt(w.b, n, 10)
		return
	}
	w.b = append(t.UTC().AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
}

func (w *avroWriter) float(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = strconv.AppendFloat(w.b, f, 'g', -1, 64)
}
