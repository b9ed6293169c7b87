"""Initial networks for training on the sphere."""

from math import sqrt
from typing import Any, Final

import numpy as np

from highdim.problem.network import Network, ThreeLayerNet, TwoLayerNet
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.memory import require_memory

SCHEMES: Final = ("pytorch", "he")


def init_network(
    width: int | tuple[int, int],
    d: int,
    *,
    depth: int = 2,
    bias: bool = True,
    train_output: bool = True,
    scheme: str = "pytorch",
    scale: float = 1.0,
    rng: Any,
) -> Network:
    """Draw an initial network.

    Parameters
    ----------
    width : int or pair of int
        Number of neurons; with three layers one number for both hidden layers, or (n1, n2).
    d : int
        Input dimension.
    depth : int
        2 or 3 layers.
    bias : bool
        Whether hidden neurons have biases; the output never has one.
    train_output : bool
        If False, output weights are +1 for the first half of the last hidden layer and −1 for the
        second, as in Theorem 4.3; pass the same to `gradient_flow`.
    scheme : str
        "pytorch": weights and biases uniform in (−1/√k, 1/√k), k the number of inputs of the layer,
        PyTorch's default for `Linear`. "he": weights normal with variance 2/k (1/k for the output),
        biases 0.
    scale : float
        Positive; multiplies all weights and biases but fixed outputs. Small values (0.01, say)
        start near the saddle at 0.
    rng : int or numpy.random.Generator
        The only source of randomness; same seed, same bits. Weights are the same with and without
        biases.

    Returns
    -------
    TwoLayerNet or ThreeLayerNet

    Raises
    ------
    ValueError
        An unknown scheme or depth, a scale that is not positive, an odd width with fixed outputs.

    Rounded. Cost O(parameters).

    Examples
    --------
    >>> from highdim import init_network
    >>> init_network(16, 50, rng=0)
    TwoLayerNet(v=<16 array>, W=<16x50 array>, b=<16 array>)
    """
    n1, n2 = _widths(width, _depth(depth))
    d = check.count("d", d)
    require_place((n1, n2), d, depth)
    scale = check.real("scale", scale)
    generator = check.generator(rng)
    if scale <= 0.0:
        raise ValueError(f"`scale` must be positive, got {scale}; 1 is the usual size")
    check.choice("scheme", scheme, SCHEMES)
    bias = check.flag("bias", bias)
    train_output = check.flag("train_output", train_output)
    if not train_output:
        require_halves(n2)
    draw = _uniform if scheme == "pytorch" else _normal
    shapes = [(n1, d)] if depth == 2 else [(n1, d), (n2, n1)]
    weights = [scale * draw(generator, shape, 2.0) for shape in shapes]
    v = scale * draw(generator, (1, n2), 1.0)[0]
    if not train_output:
        v = np.repeat([1.0, -1.0], n2 // 2)
    offsets: list[Vector | None] = [None] * len(shapes)
    if bias:
        offsets = [scale * _biases(generator, shape, scheme) for shape in shapes]
    if depth == 2:
        return TwoLayerNet(v, weights[0], offsets[0])
    return ThreeLayerNet(v, weights[1], offsets[1], weights[0], offsets[0])


def require_place(widths: tuple[int, int], d: int, depth: int) -> None:
    """Raise ValueError for a net whose weights no memory of this machine holds."""
    n1, n2 = widths
    weights = n1 * d + (n1 * n2 if depth == 3 else 0)
    name, size = ("width", max(widths)) if max(widths) >= d else ("d", d)
    require_memory(name, size, 8 * weights, f"a net of {weights:,} weights")


def require_halves(width: int) -> None:
    """Raise ValueError for a width of which no half can have the output +1."""
    if width % 2:
        raise ValueError(
            f"`width` must be even with fixed outputs, half +1, half -1, got {width}; add a neuron"
        )


def _depth(depth: int) -> int:
    if check.count("depth", depth) not in (2, 3):
        raise ValueError(f"`depth` must be 2 or 3, got {depth}; other depths are not supported")
    return depth


def _widths(width: int | tuple[int, int], depth: int) -> tuple[int, int]:
    if isinstance(width, tuple):
        if depth == 2 or len(width) != 2:
            raise ValueError(
                f"`width` must be one number with 2 layers, at most two with 3, got {width}; pass"
                " an int"
            )
        return check.count("width[0]", width[0]), check.count("width[1]", width[1])
    return (check.count("width", width),) * 2


def _uniform(generator: np.random.Generator, shape: tuple[int, int], _: float) -> Matrix:
    return generator.uniform(-1.0, 1.0, shape) / sqrt(shape[1])


def _normal(generator: np.random.Generator, shape: tuple[int, int], gain: float) -> Matrix:
    return generator.standard_normal(shape) * sqrt(gain / shape[1])


def _biases(generator: np.random.Generator, shape: tuple[int, int], scheme: str) -> Vector:
    return (
        generator.uniform(-1.0, 1.0, shape[0]) / sqrt(shape[1])
        if scheme == "pytorch"
        else np.zeros(shape[0])
    )
