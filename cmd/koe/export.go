package main

import "github.com/spf13/cobra"

func newExportCommand(*cli) *cobra.Command { return &cobra.Command{Use: "export"} }
