// Command koe finds the voices of customers in Japanese contacts: see koe help.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
