"""The statements of the ledger, in the order of the paper.  A new row is a `Statement` in this tuple."""

from benchmarks.ledger import line, probability
from benchmarks.ledger.row import Statement

STATEMENTS: tuple[Statement, ...] = (
    *line.TRAINING,
    *line.THEOREMS,
    *probability.INPUTS_ON_THE_LINE,
    *line.PROOFS,
    *probability.SPHERE,
    *probability.CONCENTRATION,
)
