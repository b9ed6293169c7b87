"""Results that stand for one number, with or without its enclosure."""

import operator
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from univariate.common.equality import hashed
from univariate.common.html import Parts
from univariate.common.result import Result, result


class Number(Result):
    """A result that stands for one number, which `float(result)` gives.

    It is formatted as that number, compared with numbers by = ≠ < ≤ > ≥, true where it is not 0,
    and added, subtracted, multiplied and divided as it; what comes out is a float, without
    enclosure or interval. Its hash is that of the number. Two results are equal only as results: if
    they are of one class and say the same in all fields.
    """

    def __float__(self) -> float:
        raise NotImplementedError

    def shown_parts(self) -> Parts:
        """Return what a notebook shows of it, the number for a result without verdict."""
        parts = super().shown_parts()
        return parts if parts.gist is not None else parts._replace(gist=float(self))

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else str(self)

    def __bool__(self) -> bool:
        return float(self) != 0.0

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Result):
            return super().__eq__(other)
        return self._compared(operator.eq, other)

    def __hash__(self) -> int:
        return hashed(float(self))

    def __lt__(self, other: Any) -> bool:
        return self._compared(operator.lt, other)

    def __le__(self, other: Any) -> bool:
        return self._compared(operator.le, other)

    def __gt__(self, other: Any) -> bool:
        return self._compared(operator.gt, other)

    def __ge__(self, other: Any) -> bool:
        return self._compared(operator.ge, other)

    def __add__(self, other: Any) -> float:
        return self._computed(operator.add, other)

    def __radd__(self, other: Any) -> float:
        return self._computed(operator.add, other)

    def __sub__(self, other: Any) -> float:
        return self._computed(operator.sub, other)

    def __rsub__(self, other: Any) -> float:
        return self._computed(lambda one, two: two - one, other)

    def __mul__(self, other: Any) -> float:
        return self._computed(operator.mul, other)

    def __rmul__(self, other: Any) -> float:
        return self._computed(operator.mul, other)

    def __truediv__(self, other: Any) -> float:
        return self._computed(operator.truediv, other)

    def __rtruediv__(self, other: Any) -> float:
        return self._computed(lambda one, two: two / one, other)

    def _compared(self, relation: Callable[[float, Any], Any], other: Any) -> bool:
        # a NumPy number as the one that it is: beside it a float would be rounded to its precision
        given = other.item() if isinstance(other, np.number) else other
        found: bool = self._against(relation, given)
        return found

    def _computed(self, operation: Callable[[float, Any], Any], other: Any) -> float:
        found: float = self._against(operation, other)
        return found

    def _against(self, operation: Callable[[float, Any], Any], other: Any) -> Any:
        """Apply an operation to this number and another one or that of another such result."""
        if isinstance(other, Number):
            return operation(float(self), float(other))
        if isinstance(other, int | float | Fraction | Decimal | np.number):
            return operation(float(self), other)  # exactly, where Python compares exactly
        return NotImplemented

    def __neg__(self) -> float:
        return -float(self)

    def __abs__(self) -> float:
        return abs(float(self))


@result
class Enclosed(Number):
    """A rounded number, which `float(result)` gives, and its enclosure, low ≤ … ≤ high."""

    value: float
    low: float
    high: float

    def __float__(self) -> float:
        return self.value

    def brief(self) -> str:
        """Return it whole, as it is short."""
        return repr(self)
