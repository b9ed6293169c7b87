"""Affine nodes of ONNX models, exactly: factors that are not written in doubles are fractions."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate.common.nets.program import Affine


def is_row(array: NDArray[np.float64], width: int | None) -> bool:
    """Whether an array has one number for each of `width` channels, or one for all, whatever the
    point.
    """
    if array.size == 1:
        return True
    return array.ndim > 0 and array.size == array.shape[-1] and width in (None, array.size)


def gemm(name: str, others: list[NDArray[np.float64]], options: dict[str, Any]) -> Affine | None:
    """Return α x B + β C; None if these are no matrix and a number for each of its channels."""
    weight = others[0] if options.get("transB", 0) else others[0].T
    if weight.ndim != 2 or not all(is_row(bias, len(weight)) for bias in others[1:]):
        return None
    alpha, beta = (Fraction(float(options.get(key, 1.0))) for key in ("alpha", "beta"))
    bias = None
    if len(others) > 1:
        bias = np.broadcast_to(others[1].reshape(-1), (len(weight),)).copy()
    if alpha != 1:
        weight = _times(weight, alpha)
    if bias is not None and beta != 1:
        bias = _times(bias, beta)
    return Affine(name, weight, bias)


def elementwise(
    name: str, kind: str, numbers: NDArray[np.float64], width: int | None
) -> Affine | None:
    """Return an operation with one number for each channel, or for all; one channel becomes as many
    as there are numbers. None if these are others, or none of the kind is affine.
    """
    if kind == "Div after" or not (
        is_row(numbers, width) or (width == 1 and is_row(numbers, None))
    ):
        return None
    channels = max(numbers.size, width or 1)
    row = np.broadcast_to(numbers.reshape(-1), (channels,))
    factors: NDArray[Any] = np.ones(channels)
    offsets = None
    if kind.startswith("Mul"):
        factors = row.copy()
    elif kind == "Div":
        factors = _inverses(row)
    else:
        factors = -factors if kind == "Sub after" else factors
        offsets = -row if kind == "Sub" else row.copy()
    grows = width == 1 and channels > 1
    return Affine(name, factors[:, None] if grows else factors, offsets)


def _inverses(numbers: NDArray[np.float64]) -> NDArray[Any]:
    if np.any(numbers == 0.0):
        raise ValueError("`model` must not divide by zero; export it again")
    quotients = np.empty(len(numbers), dtype=object)
    quotients[:] = [1 / Fraction(number) for number in numbers.tolist()]
    return quotients


def _times(array: NDArray[np.float64], factor: Fraction) -> NDArray[Any]:
    entries = np.empty(array.size, dtype=object)
    entries[:] = [Fraction(entry) * factor for entry in array.ravel().tolist()]
    return entries.reshape(array.shape)
