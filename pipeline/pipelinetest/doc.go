// Package pipelinetest holds what tests of several packages share: brokers, in
// process and real. Nothing outside tests imports it.
package pipelinetest
