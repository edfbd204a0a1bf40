package classify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/koe-voc/koe/dict"
	"github.com/koe-voc/koe/pipeline/model"
)

// The groups of the models in lexicon.models: that which is asked of the record,
// and those that are asked of a clause.
const (
	ofRecord = iota
	ofClause
)

// addModels takes the models that lie beside the tables: all or none.
func (l *lexicon) addModels(d *dict.Set) error {
	data, ok := d.File(ModelFile)
	if !ok {
		return nil
	}
	voices, err := readModel(d, ModelFile, Heads())
	if err != nil {
		return err
	}
	attributes, err := readModel(d, AttributesFile, l.taxonomy.AttributeHeads())
	if err != nil {
		return err
	}
	record, err := readModel(d, RecordFile, RecordHeads())
	if err != nil {
		return err
	}
	l.models = model.Join([]*model.Model{record}, []*model.Model{voices, attributes})
	l.voices, l.attributes, l.record = l.models.Part(ofClause, 0), l.models.Part(ofClause, 1), l.models.Part(ofRecord, 0)
	sum := sha256.Sum256(data)
	l.modelRule = "model." + hex.EncodeToString(sum[:4])
	return nil
}

func readModel(d *dict.Set, name string, heads []model.Head) (*model.Model, error) {
	data, ok := d.File(name)
	if !ok {
		return nil, fmt.Errorf("dictionary file %s: %w; koe train makes one", name, dict.ErrNoFile)
	}
	m, err := model.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("dictionary file %s: %w; koe train makes one", name, err)
	}
	same := func(a, b model.Head) bool {
		return a.Name == b.Name && a.Softmax == b.Softmax && a.Even == b.Even && slices.Equal(a.Classes, b.Classes)
	}
	if !slices.EqualFunc(m.Heads(), heads, same) {
		return nil, fmt.Errorf("dictionary file %s: it answers other questions than this koe asks; koe train makes one", name)
	}
	return m, nil
}
