package weekly

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// The files of an export. The workbook carries the week in its name, because
// it is the one that people send to each other.
const (
	csvName      = "topics.csv"
	parquetName  = "topics.parquet"
	manifestName = "manifest.json"
)

func (r *Report) workbookName() string { return "koe-" + r.Week.String() + ".xlsx" }

// File is a file of an export, as the manifest names it.
type File struct {
	Name   string `json:"name"`
	Rows   int    `json:"rows"` // topics
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Manifest says what an export is and what it was made from.
type Manifest struct {
	Schema      string       `json:"schema_version"`
	Koe         string       `json:"koe_version"`
	Week        Week         `json:"week"`
	From        string       `json:"from"`
	To          string       `json:"to"`
	Zone        string       `json:"zone"`
	CreatedAt   time.Time    `json:"created_at"`
	Partial     bool         `json:"partial"`
	Definitions []Definition `json:"definitions"`
	Break       bool         `json:"definition_break"`
	Options     Applied      `json:"options"`
	Summary     Summary      `json:"summary"`
	Topics      int          `json:"topics"`
	Folded      int          `json:"folded_topics"`
	Quotes      int          `json:"quotes"`
	Withheld    int          `json:"withheld_quotes"`
	Files       []File       `json:"files"`
}

// Write makes the folder dir/2026-W47 with the workbook, topics.csv,
// topics.parquet and manifest.json, and replaces an earlier one in one step:
// whoever looks sees the old export or the new one, whole. version is koe's
// own. It returns the folder and what the manifest says.
func (r *Report) Write(dir, version string) (folder string, m *Manifest, err error) {
	defer func() { err = hint(err, dir) }()
	folder = filepath.Join(dir, r.Week.String())
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // exports are for others to read
		return "", nil, fmt.Errorf("write weekly export: %w", err)
	}
	stage, err := os.MkdirTemp(dir, ".koe-weekly-")
	if err != nil {
		return "", nil, fmt.Errorf("write weekly export: %w", err)
	}
	defer func() {
		// After the swap it holds the earlier export, or is gone.
		if rm := os.RemoveAll(stage); err == nil && rm != nil {
			err = fmt.Errorf("remove %s: %w", stage, rm)
		}
	}()
	if m, err = r.fill(stage, version); err != nil {
		return "", nil, fmt.Errorf("write weekly export: %w", err)
	}
	if err := swap(stage, folder); err != nil {
		return "", nil, fmt.Errorf("write weekly export %s: %w", folder, err)
	}
	return folder, m, syncDir(dir)
}

// fill writes all files into dir and syncs them.
func (r *Report) fill(dir, version string) (*Manifest, error) {
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // exports are for others to read
		return nil, err
	}
	book, err := r.workbook()
	if err != nil {
		return nil, fmt.Errorf("make workbook: %w", err)
	}
	table, err := r.csv()
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", csvName, err)
	}
	if err := errors.Join(save(dir, r.workbookName(), book), save(dir, csvName, table), r.writeParquet(dir, parquetName)); err != nil {
		return nil, err
	}
	m := &Manifest{
		Schema: SchemaVersion, Koe: version, Week: r.Week, From: r.From, To: r.To, Zone: r.Zone, CreatedAt: r.CreatedAt, Partial: r.Partial,
		Definitions: r.Definitions, Break: r.Break, Options: r.Options, Summary: r.Summary, Topics: len(r.Topics), Folded: r.Folded, Withheld: r.Withheld,
	}
	for _, t := range r.Topics {
		m.Quotes += len(t.Quotes)
	}
	for _, name := range []string{r.workbookName(), csvName, parquetName} {
		data, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // its own file
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(data)
		m.Files = append(m.Files, File{name, len(r.Topics), int64(len(data)), hex.EncodeToString(sum[:])})
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	return m, errors.Join(save(dir, manifestName, append(data, '\n')), syncDir(dir))
}

func save(dir, name string, data []byte) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // exports are for others to read
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(dir string) (err error) {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Sync()
}

// swap puts the folder stage in the place of target, which may be there.
func swap(stage, target string) error {
	if _, err := os.Lstat(target); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(stage, target)
	}
	return exchange(stage, target)
}

// hint adds what to do to the errors that a person can mend.
func hint(err error, dir string) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w; make room on the disk of %s and export again", err, dir)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w; make %s writable for koe, or name another folder", err, dir)
	}
	return err
}
