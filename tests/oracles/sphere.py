"""Training of small nets on R^d by plain loops over dense arrays, and by torch's automatic
differentiation.

A net is a dict of arrays: v, W, b for two layers, v, W2, b2, W1, b1 for three; missing biases are
missing keys.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Net = dict[str, Array]


def outputs(net: Net, X: Array) -> Array:
    """N(x) datum by datum, neuron by neuron."""
    return np.array([one_output(net, x) for x in X])


def one_output(net: Net, x: Array) -> float:
    """N(x)."""
    values = x
    for weight, bias in hidden_layers(net):
        values = [
            max(0.0, float(row @ values) + (0.0 if bias is None else bias[j]))
            for j, row in enumerate(weight)
        ]
        values = np.array(values)
    return float(net["v"] @ values)


def hidden_layers(net: Net) -> list[tuple[Array, Array | None]]:
    """(weight, bias) pairs, first layer first."""
    if "W" in net:
        return [(net["W"], net.get("b"))]
    return [(net["W1"], net.get("b1")), (net["W2"], net.get("b2"))]


def minus_slope(q: Array, loss: str) -> Array:
    """−ℓ'(q)."""
    return np.exp(-q) if loss == "exponential" else 1.0 / (1.0 + np.exp(q))


def gradient(net: Net, X: Array, u: Array) -> Net:
    """Gradient of Σ u_i N(x_i) by the chain rule, data in rows; σ'(0) = 0."""
    if "W" in net:
        z = X @ net["W"].T + net.get("b", 0.0)
        back = np.outer(u, net["v"]) * (z > 0.0)
        parts = {"v": u @ np.maximum(z, 0.0), "W": back.T @ X, "b": back.sum(axis=0)}
    else:
        z1 = X @ net["W1"].T + net.get("b1", 0.0)
        h1 = np.maximum(z1, 0.0)
        z2 = h1 @ net["W2"].T + net.get("b2", 0.0)
        back2 = np.outer(u, net["v"]) * (z2 > 0.0)
        back1 = (back2 @ net["W2"]) * (z1 > 0.0)
        parts = {"v": u @ np.maximum(z2, 0.0), "W2": back2.T @ h1, "b2": back2.sum(axis=0)}
        parts |= {"W1": back1.T @ X, "b1": back1.sum(axis=0)}
    return {name: parts[name] for name in net}


def descend(
    net: Net,
    X: Array,
    y: Array,
    rates: Iterable[float],
    batches: Iterable[Any],
    *,
    loss: str = "logistic",
    train_output: bool = True,
) -> Net:
    """θ ← θ − rate Σ over the batch of ∇ℓ(y_i N(x_i)), step by step."""
    net = {name: part.copy() for name, part in net.items()}
    for rate, batch in zip(rates, batches, strict=False):
        q = y[batch] * dense_outputs(net, X[batch])
        slope = gradient(net, X[batch], y[batch] * minus_slope(q, loss))
        for name in net:
            if name != "v" or train_output:
                net[name] += rate * slope[name]
    return net


def fine_flow(net: Net, X: Array, y: Array, time: float, steps: int, **options: Any) -> Net:
    """The gradient flow of the sum loss by very many explicit steps."""
    return descend(net, X, y, [time / steps] * steps, [slice(None)] * steps, **options)


def dense_outputs(net: Net, X: Array) -> Array:
    """N at the rows of X by matrix products."""
    values = X
    for weight, bias in hidden_layers(net):
        values = np.maximum(values @ weight.T + (0.0 if bias is None else bias), 0.0)
    return values @ net["v"]


def torch_descend(
    net: Net,
    X: Array,
    y: Array,
    rate: float,
    steps: int,
    *,
    loss: str = "logistic",
    train_output: bool = True,
) -> Net:
    """Full-batch descent on the mean loss by automatic differentiation in double precision."""
    import torch

    torch.set_num_threads(1)  # more only wait for one another
    inputs, labels = torch.tensor(X), torch.tensor(y)
    tensors = {
        name: torch.tensor(part, requires_grad=name != "v" or train_output)
        for name, part in net.items()
    }
    moving = [tensor for tensor in tensors.values() if tensor.requires_grad]
    optimiser = torch.optim.SGD(moving, lr=rate)
    for _ in range(steps):
        values = inputs
        for weight, bias in (("W", "b"),) if "W" in net else (("W1", "b1"), ("W2", "b2")):
            values = torch.relu(values @ tensors[weight].T + tensors.get(bias, torch.zeros(())))
        margins = labels * (values @ tensors["v"])
        value = (
            torch.exp(-margins).mean()
            if loss == "exponential"
            else torch.nn.functional.softplus(-margins).mean()
        )
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    return {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
