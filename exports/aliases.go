package exports

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Aliases is the table of the customers' and agents' hashes that were made with
// an older key, with the hash that each has become: written anew as a whole by
// koe key rotate and koe export aliases.
const Aliases = "aliases"

// Alias is a row of the table aliases.
type Alias struct {
	Hash    string    `parquet:"hash"`    // as it stands in customer_key or agent_key
	Current string    `parquet:"current"` // what contacts of the same customer or agent have by the newest key
	AsOf    time.Time `parquet:"as_of,timestamp(microsecond:utc)"`
	Day     int32     `parquet:"day,date"` // of the first contact that has the hash
}

func aliasTable() table[Alias] {
	return table[Alias]{
		Aliases, func(a, b Alias) int { return cmp.Compare(a.Hash, b.Hash) },
		[]string{"hash"},
		"hash", func(r *Alias) int32 { return r.Day }, nil,
	}
}

// WriteAliases writes the table aliases of the hashes that stand in the
// contacts and that current changes. It returns how many there are.
func (k *Keeper) WriteAliases(ctx context.Context, current func(hash string) string) (int, error) {
	type row struct {
		Customer *string `parquet:"customer_key,optional"`
		Agent    *string `parquet:"agent_key,optional"`
		Day      int32   `parquet:"day,date"`
	}
	asOf := k.now().UTC().Truncate(time.Microsecond)
	seen := map[string]bool{}
	byDay := map[string][]Alias{}
	for rows, err := range tableRows[row](ctx, k.fs, Contacts) { // in the order of days
		if err != nil {
			return 0, hint(fmt.Errorf("write aliases: %w", err))
		}
		for _, r := range rows {
			for _, hash := range []string{str(r.Customer), str(r.Agent)} {
				if hash == "" || seen[hash] {
					continue
				}
				seen[hash] = true
				if now := current(hash); now != hash {
					day := Aliases + "/" + dayPrefix + dayName(r.Day)
					byDay[day] = append(byDay[day], Alias{Hash: hash, Current: now, AsOf: asOf, Day: r.Day})
				}
			}
		}
	}
	n := 0
	for _, rows := range byDay {
		n += len(rows)
	}
	return n, replaceDays(ctx, k, aliasTable(), byDay)
}
