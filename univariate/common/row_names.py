"""Names that rows and columns of tables have, where two of them meet: they are joined by place."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import count, pairwise
from numbers import Real
from typing import Any

from univariate.common.check import shown
from univariate.common.warn import warn


def require_same_rows(**columns: Any) -> None:
    """Refuse columns of tables whose rows have the same names in different places, and warn of
    those whose rows have other names: they are joined by place, which may pair them wrongly.

    Each is compared with the first. Refused are names in another order and gaps at different rows,
    as dropna leaves them in each column, also where some names occur twice, as in tables joined end
    to end. Names shifted by the same number, as of a column beside the next values of another, and
    those that have nothing in common are a warning. Names 0, 1, … of a column that was numbered
    anew say nothing, but beside those of another part of one table: 1, 2, …

    Names are the index of pandas, or the coordinate of xarray along the first axis.
    """
    (a, one), *others = columns.items()
    first = names_of_rows(one)
    if first is None:
        return
    for b, other in others:
        second = names_of_rows(other)
        if second is None or len(first) != len(second) or first.equals(second):
            continue
        if all(map(_are_equal, first, second)):
            continue  # of other types, as int64 and Int64
        if _levels(first) == _levels(second):
            _require_one_order(a, first, b, second)
        _warn_of_others(a, first, b, second)


def require_same_columns(**tables: Any) -> None:
    """Refuse tables whose columns have the same names in different orders. Each is compared with
    the first; other names say nothing.
    """
    (a, one), *others = tables.items()
    for b, other in others:
        names = names_of_columns(one), names_of_columns(other)
        remedy = f"pass {b}[{a}.columns], or {b}.to_numpy() if {b} is in the order of {a}"
        require_one_order(f"`{a}` and `{b}` must have columns", *names, remedy)


def require_one_order(rule: str, first: Any, second: Any, remedy: str) -> None:
    """Raise ValueError where two axes have the same names in different orders; None is an axis
    without names. The message begins with the `rule`, to which it adds "in one order".
    """
    if first is None or second is None:
        return
    one, other = list(first), list(second)
    if len(one) != len(other) or all(map(_are_equal, one, other)) or Counter(one) != Counter(other):
        return
    a, b = next(pair for pair in zip(one, other, strict=True) if not _are_equal(*pair))
    raise ValueError(
        f"{rule} in one order, got the same names in another, {shown(a)} beside {shown(b)} first;"
        f" {remedy}"
    )


def names_of_columns(table: Any) -> Any:
    """Return the names of the columns of a table; None if they have none."""
    by_axis, axes = (getattr(table, name, None) for name in ("indexes", "dims"))
    if isinstance(by_axis, Mapping) and axes:
        return by_axis.get(axes[-1])
    return getattr(table, "columns", None)


def names_of_rows(column: Any) -> Any:
    """Return the names of the rows of a column or a table; None if they have none."""
    index = getattr(column, "index", None)
    by_axis, axes = (getattr(column, name, None) for name in ("indexes", "dims"))
    if isinstance(by_axis, Mapping) and axes:
        index = by_axis.get(axes[0])
    return index if hasattr(index, "equals") and hasattr(index, "isin") else None


def _require_one_order(a: str, first: Any, b: str, second: Any) -> None:
    """Raise ValueError for names that are the same in other places, or have gaps in others."""
    are_unique = first.is_unique and second.is_unique
    if not are_unique and Counter(first) == Counter(second):
        raise ValueError(
            f"`{a}` and `{b}` must have rows in one order, got the same names of rows in"
            f" another, some of them twice; sort the table, not one column, or pass"
            f" {b}.to_numpy() if {b} is in the order of {a}"
        )
    if are_unique and bool(second.isin(first).all()):
        raise ValueError(
            f"`{a}` and `{b}` must have rows in one order, got the same names of rows in another;"
            f" pass {b}.loc[{a}.index], or {b}.to_numpy() if {b} is in the order of {a}"
        )
    if _stand_apart(list(first), list(second)):
        raise ValueError(
            f"`{a}` and `{b}` must have the same rows, got some of other names beside each"
            f" other; drop rows of the table, not of each column, or pass {b}.to_numpy() if {b} is"
            f" in the order of {a}"
        )


def _warn_of_others(a: str, first: Any, b: str, second: Any) -> None:
    """Warn of two sequences of names that differ, unless one of them says nothing."""
    is_anew = _is_anew(first) or _is_anew(second)
    if is_anew and not (_is_even(list(first)) and _is_even(list(second))):
        return
    pairs = zip(first, second, strict=True)
    unlike = next((pair for pair in pairs if not _are_equal(*pair)), None)
    if unlike is not None:
        one, other = map(shown, unlike)
        warn(
            f"`{a}` and `{b}` were joined by place, and their rows have other names, {one} beside"
            f" {other} first; pass {a}.to_numpy() or {b}.to_numpy() if that is meant, else choose"
            " the rows of both by one filter"
        )


def _levels(index: Any) -> int:
    """Return of how many parts names of rows are; pandas compares only those of as many."""
    levels: int = getattr(index, "nlevels", 1)
    return levels


def _stand_apart(first: list[Any], second: list[Any]) -> bool:
    """Whether two lists of names share some, but not as one that is moved along the other."""
    if _is_numbering(first) or _is_numbering(second):
        return False
    if any(map(_are_equal, first, second)):
        return True
    # a name that occurs twice does not tell how far it moved
    counts = Counter(first), Counter(second)
    places = {name: k for k, name in enumerate(first) if counts[0][name] == 1}
    once = ((k, name) for k, name in enumerate(second) if counts[1][name] == 1)
    return len({k - places[name] for k, name in once if name in places}) > 1


def _is_numbering(names: Iterable[Any]) -> bool:
    """Whether names are those of rows that were counted from 0 on."""
    return all(map(_are_equal, names, count()))


def _is_anew(index: Any) -> bool:
    """Whether names are 0, 1, … as reset_index gives them: a range, which no filter leaves."""
    return hasattr(index, "step") and _is_numbering(index)


def _is_even(names: list[Any]) -> bool:
    """Whether names are numbers in even steps, as of the rows of a table from one to another; of
    two only if they are neighbours, since any two have one step.
    """
    if not all(isinstance(name, Real) for name in names):
        return False
    steps = {after - before for before, after in pairwise(names)}
    return len(steps) == 1 and steps != {0} and (len(names) > 2 or steps <= {1, -1})


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two names are equal; missing ones of pandas are to nothing."""
    try:
        return bool(one == other)
    except TypeError:
        return False
