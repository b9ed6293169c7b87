"""What becomes of overfitting in dimension d?

Forty observations on the sphere, a fifth of them labelled −1 against the truth, and nets that fit
all of them. Does noise spoil the rest of the sphere? The same in dimension 10, 100 and 1000:

>>> import highdim as h
>>> def trained(d):
...     sample = h.draw_sphere_sample(40, d, 0.2, rng=0)
...     return sample, h.gradient_flow(h.init_network(60, d, rng=0), sample, flow_time=200).net

>>> errors = {}
>>> for d in (10, 100, 1000):
...     sample, net = trained(d)
...     errors[d] = h.clean_error(net, rng=0)
>>> 0.10 < errors[10] < 0.16, 0.045 < errors[100] < 0.062, 5e-5 < errors[1000] < 9e-5
(True, True, True)

So it is tempered at d = 10, where the error is of the size of the noise, and on its way to benign
at d = 1000. Each is an estimate with an interval at 95 %, and says whether the interval is vouched
for:

>>> all(error.low < error.value < error.high for error in errors.values())
True
>>> {error.verdict.name for error in errors.values()}
{'HOLDS'}

What it should be at the optimum if the data were orthogonal, a curve in d/m:

>>> limit = h.orthogonal_limit(32, 8)
>>> [f"{limit.predicted_clean_error(d):.2g}" for d in (100, 1000)]
['0.12', '8.8e-05']

Does Theorem 4.1 explain it? Its hypotheses are asked one by one:

>>> report = h.theorem_4_1(net, sample, rng=0)
>>> report.verdict.name, "θ is a KKT point of Problem (1)" in [one.name for one in report.missing]
('UNDECIDED', True)

The net is still on its way. Its KKT point is near, and it is the optimum of Problem (1), proved by
a dual bound:

>>> point = h.kkt_point(net, sample)
>>> point.verdict.name, h.certify(point.net, sample).level
('HOLDS', 'global minimum')
>>> h.optimum_bounds(sample, [point.net]).ratio < 1.0 + 1e-6
True

Where the dimension is low nothing is orthogonal, and the optimum has to be searched for; on the
circle its clean error is exact:

>>> circle = h.draw_sphere_sample(12, 2, 0.25, rng=1)
>>> best = h.max_margin(circle)
>>> best.verdict.name, best.duality_gap < 1e-8
('HOLDS', True)
>>> error = h.clean_error(best.net)
>>> error.method, error.samples
('arcs', 0)

`highdim report --m 40 --d 1000 --p 0.2` prints the whole report on one such net, and `highdim
sweep` makes a figure of thousands.
"""
