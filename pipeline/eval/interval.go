package eval

import "math"

// z95 is the quantile of the normal distribution for a two-sided 95 %.
const z95 = 1.959963984540054

// Wilson returns the 95 % score interval of a share (Wilson 1927), 0 and 1 if
// n is 0.
func Wilson(s Share) (low, high float64) {
	if s.N == 0 {
		return 0, 1
	}
	n, p := float64(s.N), s.Of()
	d := 1 + z95*z95/n
	mid := (p + z95*z95/(2*n)) / d
	half := z95 / d * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	return max(0, mid-half), min(1, mid+half)
}
