// Package source fetches messages: [Kafka] reads topics as a member of a
// consumer group, [Files] reads rows of files. Both hand out sessions and
// resume each partition at the position that the caller names; neither keeps a
// position of its own, and neither looks into a message.
//
// It is also where messages are written to topics ([Produce]), since nothing
// else speaks the protocol.
package source
