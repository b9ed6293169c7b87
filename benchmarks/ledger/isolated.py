"""What `benchmarks.proposition_a_4` counted on isolated −1, for the rows on that proposition and
its lemmas.
"""

from functools import cache
from typing import Any

from benchmarks import proposition_a_4
from benchmarks.ledger.row import listed


@cache
def rows() -> tuple[proposition_a_4.Row, ...]:
    """Return the rows of the committed table."""
    return tuple(proposition_a_4.SCRIPT.committed())


def findings() -> dict[str, Any]:
    """Return counts by kind of minima: "any", "right", "global"."""
    return proposition_a_4.findings(list(rows()))


def sizes() -> str:
    """Return the sample sizes, in words."""
    return listed("m", (row.m for row in rows()))
