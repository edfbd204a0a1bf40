package decode

import (
	"encoding/binary"
	"sync"

	"github.com/koe-voc/koe/pipeline/voc"
)

// Schemas gives the schemas of messages by the id that Confluent's wire format
// puts before them. It is safe for concurrent use.
type Schemas interface {
	// Schema returns the names and texts of the schema with that id and of those
	// it refers to, these first. An id stands for the same schema for ever.
	Schema(id int) ([][2]string, error)
}

// wire splits a message in Confluent's wire format: a zero byte, the schema's
// id in four bytes, and the value.
func wire(value []byte) (id int, payload []byte, err error) {
	if len(value) < 5 || value[0] != 0 {
		return 0, nil, fail(voc.ReasonSyntax, "schema_id")
	}
	return int(binary.BigEndian.Uint32(value[1:5])), value[5:], nil
}

// compiled keeps what was made of the schemas: asking a registry takes
// milliseconds, and a topic has a handful of them.
type compiled[T any] struct {
	from  Schemas
	build func(texts [][2]string) (T, error)

	mu sync.Mutex
	by map[int]T
}

// get returns the schema of id. One that cannot be had is asked for again the
// next time.
func (c *compiled[T]) get(id int) (T, error) {
	var none T
	if c.from == nil {
		return none, fail(voc.ReasonSchema, "")
	}
	c.mu.Lock()
	s, ok := c.by[id]
	c.mu.Unlock()
	if ok {
		return s, nil
	}
	texts, err := c.from.Schema(id)
	if err != nil || len(texts) == 0 {
		return none, fail(voc.ReasonSchema, "schema_id")
	}
	if s, err = c.build(texts); err != nil {
		return none, fail(voc.ReasonSchema, "schema_id")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[int]T{}
	}
	c.by[id] = s
	return s, nil
}

// object reads the JSON of an object by the mapping of its topic, or else as a
// contact of schema v1 in which names that the schema does not have are passed
// over: a registry's schemas grow.
func (d *Decoder) object(m voc.Message, value []byte) ([]voc.Change, error) {
	if mapping := d.mappings[m.Partition.Topic]; mapping != nil {
		mapped, err := mapping.Objects()(value)
		if err != nil {
			return nil, err
		}
		return contact(mapped, "")
	}
	r, err := open(value)
	if err != nil {
		return nil, err
	}
	r.lenient = true
	return r.contactOf("")
}
