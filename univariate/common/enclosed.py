"""Results that stand for one number with its enclosure."""

from univariate.common.result import Number, result


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
