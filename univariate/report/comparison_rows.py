"""Rows of a comparison, the file that they lie in, and their averages."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import fsum
from operator import attrgetter
from typing import Final

from univariate.common.digests.digest import difference, surroundings_differ
from univariate.common.files import PathLike, path_of
from univariate.common.fingerprint import UNKNOWN
from univariate.common.result import Result, result
from univariate.common.tables.claims import require_law, require_version
from univariate.common.tables.rows import RowFile
from univariate.common.tables.rules import RowRules
from univariate.common.version import library_version
from univariate.common.warn import warn
from univariate.common.words import counted
from univariate.problem.population import Population

SCHEMA = "univariate.comparison/1"
_MEASURED: Final = (
    *("noise_rate", "clean_error", "clean_error_low", "clean_error_high"),
    *("nearest_neighbour", "interpolates"),
)


@result
class ComparisonRow(Result):
    """What one maker made of one sample.

    Attributes
    ----------
    rule : str
        Name of the maker.
    density : str
        The law of x and, unless that is f* ≡ +1, the truth.
    clean_error, clean_error_low, clean_error_high : float
        L_cl with its enclosure.
    nearest_neighbour : float
        The clean error of the 1-NN rule on the same sample.
    interpolates : bool or None
        Whether a net has every label right; None for other rules.
    seconds : float
        That the maker took.
    maker : str
        Digest of the function that made it, see `compare`; "" if that is unknown.
    version : str
        Of this library; "" in files of before it was kept.
    """

    schema: str
    rule: str
    density: str
    m: int
    p: float
    seed: int
    noise_rate: float
    clean_error: float
    clean_error_low: float
    clean_error_high: float
    nearest_neighbour: float
    interpolates: bool | None
    seconds: float
    maker: str = UNKNOWN
    version: str = ""


@result
class ComparisonSummary(Result):
    """Rows of one rule, m and p, over seeds.

    Attributes
    ----------
    seeds : int
        Number of rows.
    clean_error, smallest, largest : float
        Mean and range of the clean errors.
    nets, interpolating : int
        How many of them are nets, and how many of these have every label right.
    """

    rule: str
    m: int
    p: float
    seeds: int
    clean_error: float
    smallest: float
    largest: float
    nets: int
    interpolating: int


def row_file(path: PathLike) -> RowFile[ComparisonRow]:
    """Return the file of a comparison, which need not exist."""
    return RowFile(
        path_of(path),
        ComparisonRow,
        "comparison",
        SCHEMA,
        later=("maker", "version"),
        key=("m", "p", "seed", "rule"),
        agree=("schema", "density", *_MEASURED),
        rules=RowRules(
            shares=("p", *_MEASURED[:-1]),
            least={"m": 1, "seed": 0, "seconds": 0.0},
            enclosed={"clean_error": ("clean_error_low", "clean_error_high")},
        ),
    )


def in_grid_order(rows: Sequence[ComparisonRow], makers: Sequence[str]) -> Sequence[ComparisonRow]:
    """Return rows of a file by m, p and seed, and those of one sample in the order of their makers;
    rows of others keep their places among those of their sample.

    Whatever order the rows of these makers were added in, the result is the same.
    """
    place = {name: k for k, name in enumerate(makers)}
    sample = attrgetter("m", "p", "seed")
    found: list[ComparisonRow] = []
    for _, group in groupby(sorted(rows, key=sample), key=sample):
        beside = list(group)
        ours = sorted((row for row in beside if row.rule in place), key=lambda row: place[row.rule])
        following = iter(ours)
        found += [next(following) if row.rule in place else row for row in beside]
    return found


def rows_of(path: PathLike, population: Population) -> Sequence[ComparisonRow]:
    """Return the rows of a file; ValueError if they are of another density or truth."""
    rows = row_file(path).read()
    require_law(path, ((row.schema, row.density) for row in rows), SCHEMA, population.name)
    return rows


def require_ours(
    path: PathLike,
    population: Population,
    digests: Mapping[str, str],
    rows: Sequence[ComparisonRow],
) -> None:
    """Raise ValueError if rows are of another density, truth or version, or of a maker that has
    changed since; warn of those for which nobody knows.
    """
    require_law(path, ((row.schema, row.density) for row in rows), SCHEMA, population.name)
    require_version(path, (row.version for row in rows), library_version())
    for row in rows:
        found = difference(row.maker, digests.get(row.rule, row.maker))
        if found:
            raise ValueError(
                f"`makers` must be those that made the rows of {str(path)!r}, got another"
                f" {row.rule!r}: {found} has changed, and nothing finished is replaced; rename it,"
                " or choose another `path`"
            )
    _warn_of_sources(rows, digests, path)
    doubtful = [
        row for row in rows if row.rule in digests and UNKNOWN in {row.maker, digests[row.rule]}
    ]
    if doubtful:
        names = ", ".join(dict.fromkeys(repr(row.rule) for row in doubtful))
        warn(
            f"nothing tells whether {counted(len(doubtful), 'row')} of {str(path)!r} were made by"
            f" the same {names}; if not, choose another file"
        )


def _warn_of_sources(
    rows: Sequence[ComparisonRow], digests: Mapping[str, str], path: PathLike
) -> None:
    """Warn where a maker is the same as far as is known, and something beside it has changed."""
    names = [
        row.rule for row in rows if surroundings_differ(row.maker, digests.get(row.rule, row.maker))
    ]
    if names:
        listed = ", ".join(dict.fromkeys(map(repr, names)))
        warn(
            f"the code beside {listed} is not that of {counted(len(names), 'row')} of"
            f" {str(path)!r}: if what is computed depends on what changed there, rename the maker"
            " or choose another file"
        )


def summaries(rows: Sequence[ComparisonRow]) -> list[ComparisonSummary]:
    """Return averages over seeds for every m, p and rule: rules in the order of first occurrence,
    of each m and p.
    """
    order = list(dict.fromkeys(row.rule for row in rows))
    groups: dict[tuple[int, float, str], list[ComparisonRow]] = {}
    for row in rows:
        groups.setdefault((row.m, row.p, row.rule), []).append(row)
    keys = sorted(groups, key=lambda key: (*key[:2], order.index(key[2])))
    return [_summary(groups[key]) for key in keys]


def _summary(rows: Sequence[ComparisonRow]) -> ComparisonSummary:
    errors = [row.clean_error for row in rows]
    nets = [row for row in rows if row.interpolates is not None]
    return ComparisonSummary(
        rule=rows[0].rule,
        m=rows[0].m,
        p=rows[0].p,
        seeds=len(rows),
        clean_error=fsum(errors) / len(errors),
        smallest=min(errors),
        largest=max(errors),
        nets=len(nets),
        interpolating=sum(bool(row.interpolates) for row in nets),
    )
