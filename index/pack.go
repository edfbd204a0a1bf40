package index

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/koe-voc/koe/pipeline/voc"
)

// backgroundForClose is the context of a flush that Close cannot be refused.
func backgroundForClose() context.Context { return context.Background() }

// packID names the dictionary below in what is packed with it.
const packID = 1

// packDict is text such as every record holds: zstd then spends no bytes on it.
// It is part of the format and never changes.
const packDict = `{"id":"call/","source":"","revision":"2026-10-05T00:00:00.000000Z/calls/0/0/0","channel":"survey","channel":"form","channel":"mail","channel":"chat","channel":"call","direction":"inbound","occurred_at":"2026-10-05T00:00:00Z","ended_at":"2026-","updated_at":"2026-","customer_key":"h1:","thread_id":"","product":"","lot":"","shop":"","queue":"","agent_key":"h1:","categories":["配送/遅延"],"disposition":"完了","attrs":[{"name":"","value":""}],"nps":9,"csat":3,"handling":{"wait_seconds":0,"talk_seconds":0,"hold_seconds":0,"after_call_seconds":0,"transfers":0},"text":"[氏名]様より入電。とのこと。ご案内。[電話]へ折電。お問い合わせありがとうございます。届かない。","segments":[{"role":"customer","start":0,"end":10},{"role":"agent","start":0,"end":10},{"role":"question","start":0,"end":10},{"role":"part","start":0,"end":10},{"role":"text","start":0,"end":10},{"role":"note","start":0,"end":10}],"masked":{"person":1,"phone":1},"voices":[{"type":"praise","aspect":"attitude","type":"expectation","aspect":"explanation","type":"inquiry","aspect":"procedure","kind":"question","kind":"request","type":"complaint","aspect":"delivery","evidence":"","start":0,"end":10,"target":"","polarity":-1,"qualities":["speed","accuracy"],"prior":"common","prior_source":"past","fulfilment":"below","fulfilment":"met","fulfilment":"unknown","touchpoint":"centre","touchpoint":"product","touchpoint":"delivery","journey":"receipt","journey":"support","journey":"use","response_expected":false,"response_expected":true,"rule":"","confidence":0.8}],"risks":[{"flag":"churn","evidence":"","start":0,"end":10,"rule":""}],"signals":[],"mentions":[],"unclassified":[],"definition_version":"`

// packer packs records for the stored field. It is safe for concurrent use.
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newPacker() (*packer, error) {
	// The fastest level makes records no larger than the default one, in half the
	// time: most of that goes into setting up its tables, and these are small.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderDictRaw(packID, []byte(packDict)), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("make record packer: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(packID, []byte(packDict)), zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil, fmt.Errorf("make record packer: %w", err)
	}
	return &packer{enc, dec}, nil
}

func (p *packer) pack(r *voc.Record, buf []byte) ([]byte, error) {
	data, err := r.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("pack record %s: %w", r.ID, err)
	}
	return p.enc.EncodeAll(data, buf[:0]), nil
}

func (p *packer) unpack(data []byte) (*voc.Record, error) {
	text, err := p.dec.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack record: %w", err)
	}
	r := &voc.Record{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("unpack record: %w", err)
	}
	return r, nil
}
