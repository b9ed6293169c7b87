r"""What does maximising the margin do on my data?

A table as it comes from a spreadsheet: semicolons, decimal commas, labels 0 and 1.

>>> import tempfile
>>> from pathlib import Path
>>> import univariate as u
>>> folder = tempfile.TemporaryDirectory()
>>> path = Path(folder.name) / "dose.csv"
>>> rows = "0,05;1 0,2;1 0,3;0 0,35;1 0,6;1 0,7;1 0,8;0 0,85;0 0,95;1".split()
>>> _ = path.write_text("dose;label\n" + "\n".join(rows))
>>> sample = u.Sample.load(path, label_map={0: -1, 1: 1})
>>> sample.size, sample.y.tolist()
(9, [1.0, 1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0, 1.0])

Labels are mapped when they are told how, never guessed. The net of least norm with margin 1:

>>> best = u.max_margin(sample)
>>> print(best.method, best.net.width, f"{best.norm_squared:.6g}")
closed form 5 361.418
>>> best.duality_gap < 1e-12  # no net of any width has a smaller norm, up to this
True
>>> u.certify(best.net, sample).level
'global minimum'

It interpolates, so it believes the two groups of zeros. How would *any* net that gradient flow can
converge to decide, whatever its width? Like the nearest neighbour, up to a few gaps: an interval
that holds the clean errors of all KKT points of this sample, and the optimum's own:

>>> bounds = u.kkt_clean_error_bounds(sample)
>>> error = u.clean_error(best.net)
>>> bounds.low <= error <= bounds.high
True
>>> abs(error - u.nearest_neighbour_clean_error(sample)) < 1e-12
True

The clean error counts where N ≤ 0, as if +1 were the truth, under the uniform law on [0, 1].
Doses are not uniform: a law travels with the sample, or is given where it matters.

>>> from scipy.stats import beta
>>> skewed = u.clean_error(best.net, density=beta(2, 5))
>>> skewed < error  # few patients get such doses
True

The spline itself: where it changes sign, and its largest value.

>>> graph = u.spline(best.net)
>>> [round(float(zero), 4) for zero in graph.zeros()]
[0.25, 0.325, 0.75, 0.9]

`u.plot_net(best.net, sample).figure.savefig("dose.png")` draws it; `univariate audit` and
`univariate report` write the whole report.

>>> folder.cleanup()
"""
