package segment

import (
	"encoding/binary"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
)

// chunkMode is zapx's way of cutting the numbers of a long posting list into
// chunks of documents. It stands in the footer.
const chunkMode = 1026

// chunkLength is the mean number of postings of a chunk in that mode, at most.
const chunkLength = 1024

// postings collects the posting list of one term: the documents, and beside
// them two lists of numbers, both cut into the same chunks.
type postings struct {
	docs  uint64 // in the segment
	size  uint64 // documents in a chunk
	limit uint64 // first document that is not of this chunk

	list     []uint32 // the documents
	freqs    []byte   // frequencies and norms
	freqEnds []int    // where chunks end
	locs     []byte   // positions
	locEnds  []int
}

// begin empties the list. n is the number of documents that will come.
func (p *postings) begin(n int) {
	p.list, p.freqs, p.locs = p.list[:0], p.freqs[:0], p.locs[:0]
	p.freqEnds, p.locEnds = p.freqEnds[:0], p.locEnds[:0]
	p.size = p.docs / uint64(n/chunkLength+1) //nolint:gosec // a count
	p.limit = p.size
}

// document adds a document, which is later than those before.
func (p *postings) document(doc uint32) {
	for uint64(doc) >= p.limit {
		p.cut()
	}
	p.list = append(p.list, doc)
}

// cut ends a chunk.
func (p *postings) cut() {
	p.freqEnds, p.locEnds = append(p.freqEnds, len(p.freqs)), append(p.locEnds, len(p.locs))
	p.limit += p.size
}

// positions adds those of a word in the document that was added last.
func (p *postings) positions(field uint64, places []place) {
	// Each: field, position, begin and end in bytes, number of array positions;
	// before all their length in bytes.
	length := len(places) * (width(field) + 3)
	for i := range places {
		length += width(uint64(places[i].position))
	}
	locs := put(p.locs, uint64(length)) //nolint:gosec // a length
	for i := range places {
		locs = put(locs, field)
		locs = put(locs, uint64(places[i].position))
		locs = append(locs, 0, 0, 0)
	}
	p.locs = locs
}

// width is the length of put.
func width(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}

// end appends the list to out and returns its address.
func (p *postings) end(out []byte) ([]byte, uint64, error) {
	for chunks := (p.docs-1)/p.size + 1; uint64(len(p.freqEnds)) < chunks; {
		p.cut()
	}
	freqs := uint64(len(out))
	out = appendChunks(out, p.freqs, p.freqEnds)
	locs := uint64(0) // no list
	if len(p.locs) > 0 {
		locs = uint64(len(out))
		out = appendChunks(out, p.locs, p.locEnds)
	}
	address := uint64(len(out))
	out = put(out, freqs)
	out = put(out, locs)
	out, err := appendBitmap(out, p.list)
	return out, address, err
}

func appendChunks(out, data []byte, ends []int) []byte {
	out = put(out, uint64(len(ends)))
	for _, e := range ends {
		out = put(out, uint64(e)) //nolint:gosec // a length
	}
	return append(out, data...)
}

const (
	arrayCookie = 12346 // a roaring bitmap without containers of runs
	arrayHeader = 16    // its header, where there is one container
	arrayMost   = 4096  // documents in a container that is an array
)

// appendBitmap appends documents as a roaring bitmap with its length. Most lists
// are short and of one container, which is a header and the low halves of the
// numbers: written so, a list of three documents costs a thirtieth of what it
// costs to fill a bitmap and ask it for its bytes.
func appendBitmap(out []byte, docs []uint32) ([]byte, error) {
	n := len(docs)
	high := docs[0] >> 16
	if n > arrayMost || docs[n-1]>>16 != high {
		b, err := roaring.BitmapOf(docs...).ToBytes()
		if err != nil {
			return nil, fmt.Errorf("write postings: %w", err)
		}
		out = put(out, uint64(len(b)))
		return append(out, b...), nil
	}
	out = put(out, uint64(arrayHeader+2*n)) //nolint:gosec // a length
	out = binary.LittleEndian.AppendUint32(out, arrayCookie)
	out = binary.LittleEndian.AppendUint32(out, 1)                    // containers
	out = binary.LittleEndian.AppendUint32(out, high|uint32(n-1)<<16) //nolint:gosec // at most arrayMost
	out = binary.LittleEndian.AppendUint32(out, arrayHeader)          // where the container begins
	for _, d := range docs {
		out = append(out, byte(d), byte(d>>8)) //nolint:gosec // the low half
	}
	return out, nil
}
