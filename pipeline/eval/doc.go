// Package eval measures labels against a gold standard: precision, recall and
// F1 of types, (type, aspect) pairs and risk flags, records without a voice,
// the share of other attributes that are right, confusions, and how much
// personal data a masker finds.
//
// It is pure: it takes gold and predictions and gives figures. It knows no
// classifier, no masker and no file format.
package eval
