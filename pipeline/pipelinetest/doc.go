// Package pipelinetest holds what tests of several packages share: brokers (in
// process and real) and suites that every implementation of a contract passes.
// Nothing outside tests imports it.
package pipelinetest
