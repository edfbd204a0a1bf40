// Package pipeline runs koe's stages: it reads messages from a source, has
// them decoded, masked and labelled in parallel, and hands the items to the
// sinks in order. It owns the contracts [Source], [Session], [Decoder],
// [Masker], [Stage] and [Sink], and all of koe's concurrency.
//
// It imports no stage, source or sink: package main's constructor joins them.
package pipeline
