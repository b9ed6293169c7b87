r"""What does maximising the margin do on my data?

A small trial, as a table comes from a spreadsheet: patients, their doses, and who responded. First
calls compile, for about a minute in all.

>>> import tempfile
>>> from pathlib import Path
>>> import univariate as u
>>> folder = tempfile.TemporaryDirectory()
>>> path = Path(folder.name) / "trial.csv"
>>> rows = "1,0.05,yes 2,0.2,yes 3,0.3,no 4,0.35,yes 5,0.6,yes 6,0.7,yes 7,0.8,no 8,0.85,no"
>>> _ = path.write_text("\n".join(["patient,dose,responder", *rows.split(), "9,0.95,yes"]))
>>> sample = u.Sample.load(path, columns=("dose", "responder"), label_map={"no": -1, "yes": 1})
>>> sample.size, sample.y.tolist()
(9, [1.0, 1.0, -1.0, 1.0, 1.0, 1.0, -1.0, -1.0, 1.0])

Labels are mapped when they are told how, never guessed. Semicolons and decimal commas are read,
too; doses outside [0, 1] need a `density` (below) or other units. The net of least norm with
margin 1:

>>> best = u.max_margin(sample)
>>> print(best.method, best.net.width, f"{best.norm_squared:.6g}")
closed form 5 361.418
>>> best.duality_gap < 1e-12  # no net of any width has a smaller norm, up to this
True
>>> u.certify(best.net, sample).level
'global minimum'

It interpolates, so it believes the two groups of non-responders. The spline changes sign midway
between patients who differ, and its clean error is that of the nearest neighbour:

>>> [round(float(zero), 4) for zero in u.spline(best.net).zeros()]
[0.25, 0.325, 0.75, 0.9]
>>> error = u.clean_error(best.net)
>>> nearest = u.nearest_neighbour_clean_error(sample)
>>> print(f"{error.value:.6f} {nearest.value:.6f}")
0.225000 0.225000

How would *any* net that gradient flow can converge to decide, whatever its width? Like the nearest
neighbour, up to a few gaps. So there is an interval that holds the clean errors of all KKT points
of a sample. Of nine patients it says nearly nothing, as a few gaps are everything; with more
observations it closes in on the nearest neighbour:

>>> bounds = u.kkt_clean_error_bounds(sample)
>>> print(f"{bounds.low:.3f} to {bounds.high:.3f}")
0.000 to 0.975
>>> for m in (100, 1000, 10_000):
...     drawn = u.draw_sample(m, 0.2, rng=0)
...     bounds = u.kkt_clean_error_bounds(drawn)
...     rule = u.nearest_neighbour_clean_error(drawn)
...     print(f"m = {m}: {bounds.low:.3f} to {bounds.high:.3f}, nearest neighbour {rule.value:.3f}")
m = 100: 0.028 to 0.412, nearest neighbour 0.170
m = 1000: 0.185 to 0.286, nearest neighbour 0.224
m = 10000: 0.183 to 0.198, nearest neighbour 0.189

The clean error counts where N ≤ 0, as if +1 were the truth, under the uniform law on [0, 1].
Doses are not uniform: a law travels with the sample, or is given where it matters. Few patients
get doses as large as those of the second group:

>>> from scipy.stats import beta
>>> told = {"columns": ("dose", "responder"), "label_map": {"no": -1, "yes": 1}}
>>> skewed = u.Sample.load(path, **told, density=beta(2, 5))
>>> print(f"{u.clean_error(best.net, density=skewed.density).value:.4f}")
0.1707
>>> print(f"{u.nearest_neighbour_clean_error(skewed).value:.4f}")
0.1707

The theory needs distinct x: no net interpolates one dose with both labels, and such a sample is
refused. One way out is the majority at each dose, without doses that tie:

>>> import numpy as np
>>> dose, label = np.array([0.1, 0.1, 0.1, 0.5, 0.5, 0.9]), np.array([1, -1, 1, -1, 1, -1])
>>> distinct, place = np.unique(dose, return_inverse=True)
>>> votes = np.bincount(place, weights=label)
>>> u.Sample.from_arrays(distinct[votes != 0], np.sign(votes[votes != 0])).y.tolist()
[1.0, -1.0]

`u.plot_net(best.net, sample).figure.savefig("dose.png")` draws the net. No command solves and
reports in one step: save the net, and audit it on the same table,

    univariate audit best.npz trial.csv --columns dose,responder --label-map no=-1,yes=1

>>> best.net.save(Path(folder.name) / "best.npz")
>>> folder.cleanup()
"""
