"""What does the paper say of it? Definitions, theorems, corrections and what is new, on the line.

## Definitions

N(x) = Σ_j v_j σ(w_j x + b_j) with n neurons; θ = (v, w, b); labels y_i are +1, turned to −1 with
probability p; the truth is +1. *Problem (1)* is min ‖θ‖² subject to y_i N(x_i) ≥ 1.

- The *clean error* is L_cl(N) = Pr[N(x) ≤ 0]. Zero counts as an error, so a plateau N ≡ 0 counts
  whole. N is a piecewise linear function whose kinks −b_j/w_j and slopes are rational functions of
  the parameters, and parameters are doubles: so L_cl under Unif[0, 1] is a rational number.
- A *KKT point* has multipliers λ_i ≥ 0, zero where y_i N(x_i) > 1, with θ = Σ λ_i y_i ∂N(x_i),
  where σ' is 0, 1, and anything in [0, 1] at 0 (Eqs. (2) to (5)). Gradient flow of the logistic or
  exponential loss that interpolates converges in direction to one (Theorem 2.1).
- N is 2-homogeneous, so margins are scaled: a net with smallest margin q stands where θ/√q stands.
- At KKT points every neuron is *balanced*, v_j² = w_j² + b_j², and ‖θ‖² = 2 Σ λ_i. So Problem (1)
  is min 2 Σ ‖u_j‖ with u_j = v_j (w_j, b_j), and within a *cell* (each kink stays between two
  neighbouring data) it is convex: that is what decides local minimality (`univariate.standing`).

## What the paper says

Theorem 3.1: with probability 1 − δ over the sample, c (p⁵ − r) ≤ L_cl ≤ C (√p + r) at every KKT
point, r = √(log(m/δ)/m). Theorem 3.2: L_cl = Θ(p), up to r, at every local minimum. The constants c
and C have no values there; `theorem_3_1` and `theorem_3_2` evaluate bounds without constants, from
the sample at hand, and check every hypothesis.

>>> import univariate as u
>>> sample = u.draw_sample(200, 0.2, rng=0)
>>> best = u.max_margin(sample)
>>> print(u.theorem_3_2(best.net, sample, p=0.2).verdict)
HOLDS

## What is corrected

- A kink is convex if and only if v_j > 0, whatever the sign of w_j; the paper says v_j w_j > 0,
  which is right for right-oriented neurons only.
- *Proposition A.4 is false.* It says that N is the line from −1 to +1 right of an isolated −1, at
  every local minimum. `univariate.counterexamples` has two local minima on five points, in rational
  numbers, that overshoot. Its proof sees right-oriented neurons only. `structure` checks it, and
  Lemma A.2, Corollary A.3 and Proposition A.5, segment by segment.

>>> from univariate.counterexamples import proposition_a_4
>>> example = proposition_a_4()
>>> all(condition.holds for condition in example.conditions())
True
>>> print(example.value(1) > 1)
True

## What is new

- *The optimum in closed form.* Draw the line through every pair of neighbours with different
  labels, and follow each until it meets the next: kinks t_k with slope changes Δ_k. Where the
  affine part comes for free, ‖θ*‖² = 2 Σ |Δ_k| √(1 + t_k²) (`univariate.optimum.closed_form`);
  elsewhere columns are generated until a proved bound meets the norm.
- *The optimum is the nearest neighbour.* It changes sign exactly at midpoints between neighbours
  with different labels, so E L_cl = p.

>>> rule = u.nearest_neighbour_clean_error(sample)
>>> error = u.clean_error(best.net)
>>> error.low <= rule.high and rule.low <= error.high
True

- *So is every KKT point*, up to E + 2 gaps, E being the number of its links: the nearest-neighbour
  law (`univariate.paper.law`, proved in nine steps in `univariate.paper.law.proof`). The p⁵ and the
  √p of Theorem 3.1 both become p.

>>> law = u.nearest_neighbour_law(best.net, sample)
>>> print(law.verdict, len(law.deviations))
HOLDS 0

- *Whatever the truth is.* That law is about decisions, so it bounds the error against any truth f*
  and the test error under label noise as well (`univariate.paper.law.reach`).

>>> other = u.draw_sample(2000, 0.1, rng=0, truth="0.3,0.6:+-+")
>>> bounds = u.kkt_noisy_error_bounds(other, 0.1)
>>> bounds.low <= bounds.nearest_neighbour <= bounds.high
True

The modules: `theorems` for Theorems 3.1 and 3.2, `structure` for Lemma A.2 to Proposition A.5 on a
net, `moves` and `proof_move` for the moves of their proofs, `law` for the nearest-neighbour law.
"""
