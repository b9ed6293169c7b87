r"""How does my own training overfit, beside rules that are understood?

Training is a function from a sample to a net. Here random kinks are drawn, and the output weights
of least square interpolate the labels; any other function will do, one that calls PyTorch and
returns `ReluNet.from_torch(module)` among them.

>>> import tempfile
>>> from pathlib import Path
>>> import numpy as np
>>> import univariate as u
>>> def random_features(sample, rng):
...     w = rng.choice([-1.0, 1.0], 20 * sample.size)
...     b = -w * rng.random(len(w))
...     features = np.maximum(0.0, np.outer(sample.x, w) + b)
...     v, *_ = np.linalg.lstsq(features, sample.y)
...     return u.ReluNet(v, w, b)

Beside it: the max-margin net, a vote, and an average of all labels with weights 1/|x − x_i|, which
interpolates them too. Every maker sees the same samples; rows go to a file as they are done.

>>> makers = {
...     "mine": random_features,
...     "max margin": lambda sample: u.max_margin(sample).net,
...     "5-NN": lambda sample: u.NearestNeighbours(sample, k=5),
...     "NW": lambda sample: u.NadarayaWatson(sample, exponent=1.0),
... }
>>> folder = tempfile.TemporaryDirectory()
>>> path = Path(folder.name) / "rows.csv"
>>> rows = list(u.compare(makers, sizes=[50], rates=[0.1, 0.3], seeds=range(5), path=path))
>>> len(rows)
40

A study that was killed goes on where it stopped, even in the middle of a line. With `n_jobs=2` two
processes share the work; the rows stay the same, and so does their order in the file.

>>> text = path.read_text()
>>> _ = path.write_text(text[: len(text) // 2])
>>> again = list(u.compare(makers, sizes=[50], rates=[0.1, 0.3], seeds=range(5), path=path))
>>> len(again)
40

Clean errors are exact, or enclosed with proof, so means differ by their samples alone:

>>> def errors(rule, p):
...     return [row.clean_error for row in rows if (row.rule, row.p) == (rule, p)]
>>> for rule in makers:
...     low, high = errors(rule, 0.1), errors(rule, 0.3)
...     means = f"{np.mean(low):.2f} ± {np.std(low):.2f}   {np.mean(high):.2f} ± {np.std(high):.2f}"
...     print(f"{rule:10}   {means}")
mine         0.15 ± 0.06   0.35 ± 0.06
max margin   0.10 ± 0.03   0.34 ± 0.07
5-NN         0.00 ± 0.00   0.18 ± 0.10
NW           0.03 ± 0.01   0.19 ± 0.08
>>> all(row.interpolates for row in rows if row.rule == "mine")
True

That is the answer, mean and standard deviation over five samples of 50: my training errs a little
more often than labels are flipped, like the max-margin net, as tempered overfitting does. The vote,
which does not interpolate, and the average, which does, err less.

Rows know the function that made them. One that has changed is refused under its old name, so that
no old number is shown for new code:

>>> def random_features(sample, rng):
...     return u.ReluNet([1.0], [1.0], [1.0])
>>> again = u.compare(makers | {"mine": random_features}, [50], [0.1], range(5), path)
>>> list(again)  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
ValueError: `makers` must be those that made the rows of ..., got another 'mine': its definition...

`pandas.DataFrame(rows)` is a table, `u.plot_comparison(rows)` a figure, and the command

    univariate compare mine.py:random_features max-margin 5-nn nw:1 --m 50 --p 0.1,0.3 --seeds 5

does all of this with a function in a file. A rule that is a function of x, rather than a net, is
returned as `u.Rule.of_function(sample, function, breakpoints)`.

>>> folder.cleanup()
"""
