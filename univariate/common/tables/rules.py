"""What holds in every row of a table, whoever edited it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_BLUR: Final = 2.0**-30
"""More than sums of millions of probabilities are wrong by rounding."""


@dataclass(frozen=True)
class RowRules:
    """Rules of a table; a field that is None breaks none.

    Attributes
    ----------
    shares : sequence of str
        Fields that are probabilities.
    sums : sequence of str
        Fields that are sums of probabilities, rounded.
    least : mapping
        Smallest values, by field.
    enclosed : mapping
        Fields that hold the bounds of a value, by its field.
    """

    shares: Sequence[str] = ()
    sums: Sequence[str] = ()
    least: Mapping[str, float] = field(default_factory=dict)
    enclosed: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def require(self, row: object) -> None:
        """Raise ValueError, which names a column, what it must hold and what it does hold."""
        for name, rule in self._broken(row):
            raise ValueError(f"{name!r} must {rule}, got {getattr(row, name)}")

    def _broken(self, row: object) -> Iterator[tuple[str, str]]:
        """Yield fields with the rules that they break."""
        for name in (*self.shares, *self.sums):
            share = getattr(row, name)
            most = 1.0 + _BLUR if name in self.sums else 1.0
            if share is not None and not 0.0 <= share <= most:
                yield name, "lie in [0, 1]"
        for name, least in self.least.items():
            value = getattr(row, name)
            if value is not None and not value >= least:
                yield name, f"be at least {least:g}"
        for name, ends in self.enclosed.items():
            low, high = (getattr(row, end) for end in ends)
            if not low <= getattr(row, name) <= high:
                yield name, f"lie between {ends[0]}, {low}, and {ends[1]}, {high}"
