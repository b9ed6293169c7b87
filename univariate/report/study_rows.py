"""Rows of a study, the file that they lie in, and their averages."""

from collections.abc import Sequence
from dataclasses import field
from math import fsum
from operator import attrgetter
from typing import Any, Final

from univariate.common.files import PathLike, path_of
from univariate.common.result import Result, result
from univariate.common.tables.rows import RowFile
from univariate.common.tables.rules import RowRules

SCHEMA = "univariate.study/1"
TRAINED_SCHEMA = "univariate.trained_study/1"
_SHARES: Final = (
    *("noise_rate", "clean_error", "clean_error_low", "clean_error_high", "nearest_neighbour"),
)
_BOUNDS: Final = ("lower_3_1", "lower_3_2", "upper_3_2")
_NOT_NEGATIVE: Final = ("seed", "sign_changes", "norm_squared", "duality_gap", "seconds")
_AGREE: Final = ("schema", "density", *_SHARES, *_BOUNDS, "sign_changes", "norm_squared", "method")


@result
class StudyRow(Result):
    """The max-margin net of one sample: its clean error, the 1-NN one, and realised bounds.

    `clean_error` is that of the net in doubles that `max_margin` found, to `duality_gap`; of the
    optimum itself, on [0, 1] with at least three sign changes, it is `nearest_neighbour`, exactly.

    `density` names the law of x and, unless that is f* ≡ +1, the truth; the bounds are about f* ≡
    +1, and None under another truth. `version` is that of this library, "" in files of before it
    was kept.
    """

    schema: str
    density: str
    m: int
    p: float
    seed: int
    noise_rate: float
    sign_changes: int
    clean_error: float
    clean_error_low: float
    clean_error_high: float
    nearest_neighbour: float
    lower_3_1: float | None
    lower_3_2: float | None
    upper_3_2: float | None
    norm_squared: float
    duality_gap: float
    method: str
    seconds: float
    version: str = field(default="", kw_only=True)


@result
class TrainedStudyRow(StudyRow):
    """A row with a net trained on the sample: its clean error, its norm² over that found by
    `max_margin` (see `TrainedNet`; None where it does not interpolate), where it stands (""
    where that is not decided), and how its run ended.
    """

    trained_clean_error: float
    trained_norm_ratio: float | None
    trained_level: str
    trained_status: str


@result
class StudySummary(Result):
    """Rows of one m and p, averaged over seeds; bounds are None where those of a row are."""

    m: int
    p: float
    seeds: int
    clean_error: float
    smallest: float
    largest: float
    nearest_neighbour: float
    lower: float | None
    upper: float | None
    largest_gap: float
    trained_clean_error: float | None = None


def row_file(path: PathLike, trained: bool) -> RowFile[Any]:
    """Return the file of a study, which need not exist."""
    more = ("trained_clean_error",) if trained else ()
    kept: dict[str, Any] = {
        "later": ("version",),
        "key": ("m", "p", "seed"),
        "agree": _AGREE,
        "rules": RowRules(
            shares=("p", *_SHARES, *more),
            sums=_BOUNDS,
            least=dict.fromkeys(_NOT_NEGATIVE, 0.0) | {"m": 1},
            enclosed={"clean_error": ("clean_error_low", "clean_error_high")},
        ),
    }
    if trained:
        name = "study with trained nets"
        return RowFile(path_of(path), TrainedStudyRow, name, TRAINED_SCHEMA, **kept)
    return RowFile(path_of(path), StudyRow, "study", SCHEMA, **kept)


def in_grid_order(rows: Sequence[StudyRow]) -> Sequence[StudyRow]:
    """Return rows of a file by m, p and seed."""
    return sorted(rows, key=attrgetter("m", "p", "seed"))


def furthest(rows: Sequence[StudyRow]) -> float:
    """Return how far a clean error is from that of the nearest neighbour, at most."""
    return max(abs(row.clean_error - row.nearest_neighbour) for row in rows)


def summaries(rows: Sequence[StudyRow]) -> list[StudySummary]:
    """Return averages over seeds for every m and p that occurs, in that order."""
    found = []
    for m, p in sorted({(row.m, row.p) for row in rows}):
        group = [row for row in rows if (row.m, row.p) == (m, p)]
        errors = [row.clean_error for row in group]
        found.append(
            StudySummary(
                m,
                p,
                seeds=len(group),
                clean_error=_mean(errors),
                smallest=min(errors),
                largest=max(errors),
                nearest_neighbour=_mean([row.nearest_neighbour for row in group]),
                lower=_known_mean([row.lower_3_2 for row in group]),
                upper=_known_mean([row.upper_3_2 for row in group]),
                largest_gap=max(row.duality_gap for row in group),
                trained_clean_error=_trained_mean(group),
            )
        )
    return found


def _trained_mean(rows: Sequence[StudyRow]) -> float | None:
    found = [row.trained_clean_error for row in rows if isinstance(row, TrainedStudyRow)]
    return _mean(found) if found else None


def _known_mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _mean(known) if len(known) == len(values) else None


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)
