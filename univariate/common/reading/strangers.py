"""Columns beside inputs and the label that are no inputs: by what they hold, or are called."""

import re
from typing import Final

from univariate.common.reading.counters import counts_rows, refuse_counts
from univariate.common.reading.table import MISSING, Table, is_grouped, is_number

_OTHERS: Final = re.compile(
    r"(.*[_. ])?(pred|preds|predicted|prediction|predictions|fold|folds|split)"
    r"|y[_. ]?(hat|pred|predicted|true|clean|noisy|observed|train|test)"
    r"|(true|clean|noisy|predicted|original)[_. ]?(y|label|labels|class|target)"
    r"|.*[_. ]id|sample[_. ]?weights?|(is[_. ]?)?(flipped|noisy|clean)"
    r"|is[_. ]?(train|test|val|valid|validation)"
    r"|(ground[_. ]?)?truth|prob|probs|proba|probability|logit|logits"
    r"|\.(pred_.*|fitted|resid|hat|sigma|cooksd|std\.resid|se\.fit)"  # as R's broom and tidymodels
    r"|(.*[_. ])?(fitted|resid|residual|residuals)|[fpy][_. ]?(hat|star)|y[_. ]?(prob|proba|score)"
    r"|row[_. ]?(id|index|number|num|nr)"
)
"""Names of predictions, residuals, other labels, parts of the data, rows and weights."""

_PARTS: Final = re.compile(
    r"(.*[_. ])?(fold|folds|split|subset|partition)|is[_. ]?(train|test|val|valid|validation)"
)
_PART: Final = re.compile(r"train(ing)?|test(ing)?|val(id|idation)?|dev|hold[-_ ]?out")
"""Names of columns, and words in them, that tell to which part of the data a row belongs."""


def inputs_among(table: Table, columns: list[int]) -> list[int]:
    """Return the columns that are inputs, of those besides the label in a table with names.

    Raises
    ------
    ValueError
        One has no number in it, may count rows or not, or has a name that no input has; there is
        none.
    """
    _refuse_words(table, columns)
    found = [k for k in columns if not counts_rows(table, k)]
    if not found:
        raise ValueError(
            f"{table.path!r} must have inputs besides the label and counts of rows, got columns"
            f" {', '.join(table.names)}; add them"
        )
    _refuse_strangers(table, found)
    refuse_counts(table, found)
    return found


def _refuse_words(table: Table, columns: list[int]) -> None:
    """Refuse columns that have words alone, no number."""
    for k in columns if table.values is None else []:
        if all(_is_word(cells[k], table.decimal) for _, cells in table.rows):
            held = table.rows[0][1][k]
            why = f"holds no numbers, but {held[:40]!r}"
            if _PART.fullmatch(held.strip().lower()) or _tells_parts(table, k):
                raise _part(table, k, why)
            raise _stranger(table, k, f"{why}; write numbers, drop it")


def _refuse_strangers(table: Table, columns: list[int]) -> None:
    """Refuse columns beside others whose names say that they are no inputs: they would be taken for
    coordinates.
    """
    for k in columns if len(columns) > 1 else []:
        if _OTHERS.fullmatch(table.names[k].strip().lower()):
            if _tells_parts(table, k):
                raise _part(table, k, "has a name that no input has")
            raise _stranger(table, k, "has a name that no input has; drop or rename it")


def _is_word(cell: str, decimal: str) -> bool:
    """Whether a cell is no number, nor one that only has to be written otherwise."""
    if is_number(cell, decimal) or is_grouped(cell) or cell.strip().lower() in MISSING:
        return False
    try:
        float(cell)  # which takes infinities
    except ValueError:
        return True
    return False


def _tells_parts(table: Table, column: int) -> bool:
    """Whether a column is called as one that parts the rows, into those of training and others."""
    return _PARTS.fullmatch(table.names[column].strip().lower()) is not None


def _part(table: Table, column: int, why: str) -> ValueError:
    """Return what is said of a column of parts: columns= alone would take the rows of all."""
    error = _stranger(table, column, f"{why}; keep the rows that are meant and drop it")
    return ValueError(f"{error}, for the rows of all parts")


def _stranger(table: Table, column: int, why: str) -> ValueError:
    name = table.names[column].strip()
    return ValueError(
        f"{table.path!r}, line {table.rows[0][0]}: the column {name!r} {why}, or say which columns"
        " are meant by columns= (--columns x,y)"
    )
