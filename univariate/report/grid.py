"""Grids of m, p and seeds, on which studies and comparisons are made."""

from collections.abc import Sequence

from univariate.common import check

Grid = tuple[Sequence[int], Sequence[float], Sequence[int]]
"""Values of m, p and the seed."""


def grid_of(
    sizes: Sequence[int],
    rates: Sequence[float],
    seeds: Sequence[int],
    names: tuple[str, str, str] = ("sizes", "rates", "seeds"),
) -> Grid:
    """Return the values of m, p and the seed in order, each once; messages about one of them call
    it by its name.
    """
    m, p, seed = names
    return (
        sorted({check.count(m, one) for one in check.several("sizes", sizes, "[100]")}),
        sorted({check.probability(p, one) for one in check.several("rates", rates, "[0.1]")}),
        sorted({
            check.count(seed, one, least=0) for one in check.several("seeds", seeds, "range(5)")
        }),
    )  # fmt: skip
