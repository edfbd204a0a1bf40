// Package model holds linear classifiers over hashed features: how they are
// scored, trained and stored. A model has heads; a head is a set of logistic
// classes, each yes or no, or one softmax over classes of which one holds.
//
// It knows numbers only. What a feature says of a clause is package classify's
// business, and where a model is kept is package dict's.
package model
