"""Samples in tables: which column is the label, and which are inputs."""

from typing import Final

from univariate.common.reading.counters import is_count
from univariate.common.reading.strangers import inputs_among
from univariate.common.reading.table import LABELS, Table
from univariate.common.reading.taken import RawSample, Taken, numbered, two_readings

_NAMES: Final = "write a line of names before the data, such as y,x0,x1 or x0,x1,y"


def sample_of_table(table: Table) -> RawSample:
    """Return the sample of a table: the label in the column that is called so, without names in the
    last, inputs in all others but those that count rows.

    Raises
    ------
    ValueError
        It is not clear which columns are inputs and which are labels.
    """
    if table.width < 2:
        raise ValueError(
            f"{table.path!r} must have at least two columns, inputs and a label, got"
            f" {table.width}; add them"
        )
    label = _label_column(table)
    table.require_labels(label)
    labels = table.labels(label)
    columns = [k for k in range(table.width) if k != label]
    doubt = ""
    if table.names:
        columns = _in_order(table, inputs_among(table, columns))
    else:
        _refuse_labels_first(table, labels)
        _refuse_count_first(table)
        several = len(columns) > 1
        doubt = two_readings(table.path, table.labels(0), labels, _NAMES) if several else ""
    taken = _taken(table, columns, label)
    return RawSample("", table.numbers(columns), labels, {}, taken, doubt)


def sample_of_columns(table: Table) -> RawSample:
    """Return the sample of a table that has nothing but inputs and the label, last."""
    label = table.width - 1
    table.require_labels(label)
    columns = list(range(label))
    taken = _taken(table, columns, label)
    return RawSample("", table.numbers(columns), table.labels(label), {}, taken)


def _taken(table: Table, columns: list[int], label: int) -> Taken | None:
    """Return what was taken of a table with names, or with several inputs."""
    if not table.names:
        places = tuple(str(k + 1) for k in columns)
        several = len(places) > 1
        return Taken(places, str(label + 1), (), False, has_names=False) if several else None
    others = [k for k in range(table.width) if k != label and k not in columns]
    return Taken(
        tuple(table.names[k] for k in columns),
        table.names[label],
        tuple(table.names[k] for k in others),
        is_reordered=columns != sorted(columns),
    )


def _refuse_labels_first(table: Table, labels: list[float] | list[str]) -> None:
    signs = {-1.0, 1.0}
    # inputs of several dimensions may well begin with ±1, and labels be other whole numbers
    values = labels if table.width == 2 else [one for one in labels if not _is_whole(one)]
    if signs.issuperset(table.labels(0)) and not signs.issuperset(values):
        raise ValueError(
            f"{table.path!r}, line {table.rows[0][0]}: labels +1 and -1 seem to come first; put"
            " them last, or name the columns in a line before the data, y,x or y,x0,x1"
        )


def _refuse_count_first(table: Table) -> None:
    if table.width > 2 and is_count(table, 0):
        raise ValueError(
            f"{table.path!r}, line {table.rows[0][0]}: the first column counts the rows, it may be"
            " an index or an input; remove it, or write a line of names such as x0,x1,y"
        )


def _is_whole(label: float | str) -> bool:
    return isinstance(label, str) or float(label).is_integer()


def _label_column(table: Table) -> int:
    if not table.names:
        return table.width - 1
    lowered = [name.strip().lower() for name in table.names]
    twice = sorted({name for name in lowered if name and lowered.count(name) > 1})
    labels = [k for k, name in enumerate(lowered) if name in LABELS]
    shown = ", ".join(table.names[:6]) + (", ..." if table.width > 6 else "")
    if twice:
        raise ValueError(
            f"{table.path!r} must have columns of different names, got {twice[0]!r} more than once;"
            " rename one"
        )
    if len(labels) != 1:
        which = "several that may be it" if labels else "none"
        raise ValueError(
            f"{table.path!r} must have one column of labels, named y, label, target or class, got"
            f" {which} among {shown!r}; rename or drop columns, or say which are meant by columns="
            " (--columns x,y)"
        )
    return labels[0]


def _in_order(table: Table, columns: list[int]) -> list[int]:
    """Return columns named x0, x1, … in the order of their numbers, others as they stand."""
    parts = [numbered(table.names[k]) for k in columns]
    if None in parts or len({part[0] for part in parts if part}) > 1:
        return columns
    places = [part[1] for part in parts if part]
    return [k for _, k in sorted(zip(places, columns, strict=True))]
