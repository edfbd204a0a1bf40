// Command koe finds the voices of customers in Japanese contacts: see koe help.
package main

import (
	"os"
	"runtime/debug"
)

func main() {
	collectSeldom()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// limitedGC is the percentage of GOGC where the memory has a limit.
const limitedGC = 400

// collectSeldom lets garbage grow up to the limit where there is one: the
// dictionaries are a large heap that never changes, and looking through it each
// time as much again has been allocated takes a twentieth of the processor.
func collectSeldom() {
	if os.Getenv("GOMEMLIMIT") != "" && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(limitedGC)
	}
}
