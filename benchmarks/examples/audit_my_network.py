"""Where does the net that I trained in PyTorch stand?

Twelve observations on [0, 1], a quarter of the labels turned, and a net of 200 neurons that Adam
fits to them:

>>> import torch
>>> import univariate as u
>>> sample = u.draw_sample(12, 0.25, rng=3)
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
Verdict.HOLDS

Its clean error Pr[N(x) ≤ 0], not on a grid but from the zeros of its spline, with an enclosure:

>>> error = u.clean_error(net)
>>> 0.02 < error < 0.08, error.high - error.low < 1e-14
(True, True)

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
>>> point = u.kkt_point(run.net, sample)
>>> print(point.certificate.verdict, u.certify(point.net, sample).level)
Verdict.HOLDS global minimum

It is the global optimum of Problem (1), and decides like the nearest neighbour:

>>> nearest = u.nearest_neighbour_clean_error(sample)
>>> abs(point.clean_error - nearest) < 1e-9
True
>>> u.nearest_neighbour_law(point.net, sample).deviations
()

A verdict can be checked by somebody who trusts neither the search nor this machine: `recheck` sees
the certificate, the net and the sample alone.

>>> print(u.recheck(point.certificate, point.net, sample).verdict)
Verdict.HOLDS

The same from a shell, for files that `torch.save(model.state_dict(), "net.pt")` and a table of
columns x, y made, is `univariate audit net.pt data.csv`; it writes audit.json and a figure.
"""
