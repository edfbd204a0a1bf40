package index

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/blevesearch/bleve/v2"
)

// Backup copies the index, as it is now, into a data folder that has none. It
// is safe beside searches and the methods of the sink; what the sink holds back
// is not in it, and neither is its position.
func (x *Index) Backup(dir string) error {
	from, ok := x.bleve.(bleve.IndexCopyable)
	if !ok {
		return fmt.Errorf("back up index: a %T cannot be copied", x.bleve)
	}
	to := filepath.Join(dir, "index")
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("back up index: %w", err)
	}
	if err := from.CopyTo(bleve.FileSystemDirectory(filepath.Join(to, "bleve"))); err != nil {
		return fmt.Errorf("back up index: %w", err)
	}
	// The format file comes last: without it a folder counts as empty.
	format, err := os.ReadFile(filepath.Join(x.opt.Dir, "index", "format"))
	if err == nil {
		err = writeSynced(filepath.Join(to, "format"), string(format))
	}
	if err != nil {
		return fmt.Errorf("back up index: %w", err)
	}
	return nil
}
