package exports

import (
	"cmp"
	"context"
	"time"
)

func threadTable() table[Thread] {
	return table[Thread]{
		Threads, func(a, b Thread) int { return cmp.Or(a.FirstAt.Compare(b.FirstAt), cmp.Compare(a.ID, b.ID)) },
		[]string{"first_at", "thread_id"},
		"thread_id", func(r *Thread) int32 { return r.Day }, nil,
	}
}

// WriteThreads puts rows in the place of the table threads, day by day; it
// sets their Day and AsOf.
func (k *Keeper) WriteThreads(ctx context.Context, rows []Thread) error {
	asOf := k.now().UTC().Truncate(time.Microsecond)
	byDay := map[string][]Thread{}
	for i := range rows {
		rows[i].AsOf, rows[i].Day = asOf, epochDay(rows[i].FirstAt, k.loc)
		day := Threads + "/" + dayPrefix + dayName(rows[i].Day)
		byDay[day] = append(byDay[day], rows[i])
	}
	return replaceDays(ctx, k, threadTable(), byDay)
}

// ThreadsIn reads the table threads under dir.
func ThreadsIn(ctx context.Context, dir string) ([]Thread, error) {
	var out []Thread
	for rows, err := range tableRows[Thread](ctx, Dir(dir), Threads) {
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}
