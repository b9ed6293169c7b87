"""The statements of the ledger, in the order of the paper, and the witnesses against those that
fail.

A new row is a `Statement` in this tuple.
"""

from collections.abc import Callable

from benchmarks.ledger import (
    experiments,
    line,
    line_lemmas,
    probability,
    sphere,
    sphere_lemmas,
    sphere_witnesses,
    witnesses,
)
from benchmarks.ledger.row import Statement

STATEMENTS: tuple[Statement, ...] = (
    *line.TRAINING,
    *line.THEOREMS,
    *sphere.SECTION_4,
    *experiments.SECTION_5,
    *probability.INPUTS_ON_THE_LINE,
    *line_lemmas.PROOFS,
    *probability.SPHERE,
    *sphere_lemmas.APPENDIX_B,
    *probability.CONCENTRATION,
)

WITNESSES: dict[str, Callable[[], witnesses.Replay]] = (
    witnesses.WITNESSES | sphere_witnesses.WITNESSES
)
