package voc

import "errors"

// ErrSuperseded is wrapped by a sink that finds that another process has
// published the positions which it was about to publish.
var ErrSuperseded = errors.New("positions were published by another process")
