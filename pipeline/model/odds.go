package model

import "math"

// exp is eˣ to six digits, without a call: scores have fewer digits than that.
// Below −87 it is next to 0, above 88 it stays.
func exp(x float32) float32 {
	y := min(max(x, -87), 88) * math.Log2E
	n := int32(y + 127.5) // rounded, and 127 more, which is the exponent's bias
	f := y - float32(n-127)
	// 2ᶠ for |f| ≤ ½ by its Taylor series: powers of ln 2 over the factorials.
	p := 1 + f*(.69314718+f*(.24022651+f*(.055504109+f*(.0096181291+f*(.0013333558+f*.00015403530)))))
	return p * math.Float32frombits(uint32(n)<<23)
}

// log is ln x of a positive number, to six digits.
func log(x float32) float32 {
	bits := math.Float32bits(x)
	n := int32(bits-0x3f3504f3) >> 23 // of the mantissa between √½ and √2
	m := math.Float32frombits(bits - uint32(n)<<23)
	t := (m - 1) / (m + 1)
	u := t * t
	return float32(n)*math.Ln2 + 2*t*(1+u*(1./3+u*(1./5+u*(1./7+u*(1./9)))))
}

// Logistic is the probability of the log-odds x.
func Logistic(x float32) float32 { return 1 / (1 + exp(-x)) }

// Logit is the log-odds of a probability, which is taken to lie between .0001
// and .9999.
func Logit(p float32) float32 {
	p = min(max(p, 1e-4), 1-1e-4)
	return log(p / (1 - p))
}
