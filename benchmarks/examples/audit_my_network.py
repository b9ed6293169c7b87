"""Where does the net that I trained in PyTorch stand?

Twelve observations on [0, 1], each label turned to −1 with probability ¼ (with this seed one is),
and a net of 200 neurons that Adam fits to them. First calls compile, for about a minute in all.
Your own data are `u.Sample.from_arrays(x, y)` or `u.Sample.load("data.csv")`, in place of
`draw_sample`. PyTorch is needed here: `pip install torch`.

>>> import torch
>>> import univariate as u
>>> sample = u.draw_sample(12, 0.25, rng=3)
>>> sample.y.tolist().count(-1.0)
1
>>> x, y = (torch.tensor(part, dtype=torch.float32)[:, None] for part in (sample.x, sample.y))
>>> seed = torch.manual_seed(0)
>>> model = torch.nn.Sequential(
...     torch.nn.Linear(1, 200), torch.nn.ReLU(), torch.nn.Linear(200, 1)
... )
>>> optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
>>> for step in range(1500):
...     optimiser.zero_grad()
...     torch.nn.functional.softplus(-y * model(x)).mean().backward()
...     loss = optimiser.step()

`from_torch` takes the module as it is. It evaluates it at thousands of points, and refuses one that
computes anything else than its ReLU layers; float32 parameters are lifted exactly, and the output
bias becomes one more neuron.

>>> net = u.ReluNet.from_torch(model)
>>> net.width
201
>>> print(u.interpolates(net, sample).verdict)  # y N(x) > 0 at every observation
HOLDS

Its clean error Pr[N(x) ≤ 0], not on a grid but from the zeros of its spline, with an enclosure:

>>> error = u.clean_error(net)
>>> print(f"{error.value:.3f}", error.high - error.low < 1e-14)
0.045 True

Is it a max-margin net? It is not even a KKT point. The witness is a net that fits as well and is
smaller:

>>> standing = u.certify(net, sample)
>>> standing.level
'feasible'
>>> u.interpolates(standing.witness, sample).verdict is u.Verdict.HOLDS
True

No training run *is* at a KKT point: directions converge like 1/log t. So let the flow run on from
this net, to margin 100 at times that no clock sees, and solve the cell that it ends in:

>>> run = u.gradient_flow(net, sample)
>>> run.status
'margin reached'

('trapped' would mean that the loss has stopped falling while labels are wrong; `run.reason` names
them. A wider net, or one with kinks in every gap, as `init_network(sample)` draws it, has a way.)

>>> point = u.kkt_point(run.net, sample)
>>> print(point.certificate.verdict, u.certify(point.net, sample).level)
HOLDS global minimum

It is the global optimum of Problem (1). It errs more than the net that was trained: 0.045 is where
training stood, not where it leads. It decides like the nearest neighbour:

>>> print(f"{point.clean_error.value:.4f}, trained {error.value:.3f}")
0.0516, trained 0.045
>>> nearest = u.nearest_neighbour_clean_error(sample)
>>> abs(point.clean_error - nearest) < 1e-9
True
>>> u.nearest_neighbour_law(point.net, sample).deviations
()

A verdict can be checked by somebody who trusts neither the search nor this machine: `recheck` sees
the certificate, the net and the sample alone.

>>> print(u.recheck(point.certificate, point.net, sample).verdict)
HOLDS

The net as it is, from a shell (the flow runs on in Python alone): the command

    univariate audit net.npz data.csv

writes audit.json and a figure. The net is a file as `save` writes it, or a `state_dict` as
`torch.save(model.state_dict(), "net.pt")` writes it; data.csv has columns x and y, or others that
`--columns` names. A state_dict does not say what is between its linear layers, so ReLU is assumed.
If your module does more, say scales its inputs by batch normalisation, convert the module, which is
checked against itself, and save what came out:

>>> import tempfile
>>> from pathlib import Path
>>> folder = tempfile.TemporaryDirectory()
>>> path = Path(folder.name) / "net.npz"
>>> scaled = torch.nn.Sequential(torch.nn.BatchNorm1d(1), *model).eval()
>>> u.ReluNet.from_torch(scaled).save(path)
>>> u.ReluNet.load(path).width
201
>>> folder.cleanup()

Then x in data.csv is what the module takes, before its scaling. If a script scaled x before the
module saw it, write the scaled x to data.csv: x must be in the units that the net saw. And L_cl is
under the uniform law on [0, 1] unless `--density` says another.

A deeper net gets its clean error, as exactly, and nothing else: KKT points, minima and the theorems
are about one hidden layer.
"""
