"""What does the paper say of it? Definitions, theorems, corrections and what is new, on the sphere.

## Definitions

x is uniform on the unit sphere of R^d, the truth is +1, labels are turned to −1 with probability p.
N(x) = Σ_j v_j σ(w_j·x + b_j) with n neurons, or without the biases, or with fixed outputs v_j = ±1;
L_cl(N) = Pr[N(x) ≤ 0] and Problem (1), min ‖θ‖² subject to y_i N(x_i) ≥ 1, as on the line. I₊ and
I₋ are the data labelled +1 and −1.

Overfitting is *benign* where L_cl → 0 although all noisy labels are fitted, *tempered* where it
tends to something between, of the size of p, and *catastrophic* where it tends to ½.

## What the paper says

- *Theorem 4.1*: a KKT point whose norm² is at most c/√p times the least one has L_cl ≤ ε, if p is
  small, m ≥ c log(1/δ)/p and d ≥ c m² log(m/ε) log(m/δ).
- *Theorem 4.3*: the same of every KKT point with fixed outputs, if p ≤ c/n² and d ≥ c m⁴n⁴ logs.
- Both rest on the biases: Σ v_j σ(b_j) = N(0) stays away from 0, and x moves N by little.
- *Proposition 4.4*: without biases, with two neurons and one label −1, L_cl ≥ ½.
- *Propositions 4.5 and 4.6*: without biases L_cl ≥ 2⁻ⁿ, and some KKT points have L_cl near ½.

The constants have no names there. `theorem_4_1`, `theorem_4_3`, `proposition_4_4`, `_4_5` and
`_4_6` evaluate every hypothesis and every inequality of the proofs on a net and a sample, and say
for each whether it is as *printed*, *corrected*, or *computed* from the net in place of a bound.

>>> import highdim as h
>>> sample = h.draw_sphere_sample(10, 2000, 0.2, rng=1)
>>> interpolator = h.benign_interpolator(sample, 4)  # Lemma B.3
>>> report = h.theorem_4_1(interpolator.net, sample, rng=0)
>>> print(report.verdict, len(report.missing) > 0)  # it is no KKT point
UNDECIDED True

## What is corrected

- *Proposition 4.5 is false* as stated: N = |w·x| never errs, and interpolating nets, even KKT
  points, have errors as small as wanted. It holds where positive neurons have inner products ≥ 0.
- Proposition 4.6 as written is not stationary in v; balanced, it is, with L_cl above ½.
- Lemma B.3: the norm² is 10 √|I₋| at most, not 9. Lemma B.2's constant is 1/√(4C).
- Lemma D.2 and (16): ‖XXᵀ − I‖ is of order √(m/d) + m/d; the norm itself is computed here.
- Lemma B.1: exp(−3pm/28), not exp(−pm/5).

>>> example = h.proposition_4_5_counterexample(sample)
>>> print(h.proposition_4_5(example.net, rng=0).conclusion.verdict)
FAILS

## What is new

- *The orthogonal limit.* For orthonormal data the max-margin net is explicit, two neurons, and
  N(0) = (m₊ − m₋)/(m + 1); its clean error in dimension d ≥ m is about
  Φ(−(m₊ − m₋)/(2 √(m₊ m₋)) √(d/m)), a curve in d/m (`highdim.optimum.orthogonal_limit`).

>>> limit = h.orthogonal_limit(450, 50)
>>> print(f"{limit.predicted_clean_error(500):.4f} {limit.predicted_clean_error(5000):.1e}")
0.0912 1.2e-05

- *Low dimension.* Problem (1) is min 2 Σ ‖u_j‖ over u_j = |v_j| (w_j, b_j); its dual is a bound on
  the largest gain of a unit neuron, proved by branch and bound on cones cut at data
  (`highdim.optimum.supremum`). So optima are certified where nothing is orthogonal, and they are
  *not* the nearest neighbour, as they are on the line.
- *Clean errors without a grid.* On great circles and lines a net is piecewise a sinusoid or linear,
  so the errors on each are found exactly, and their means have honest intervals, down to 1e-30
  (`highdim.error`); in the plane the whole error is exact.
"""
