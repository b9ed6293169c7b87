"""What was taken of a file as inputs and labels."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

_NUMBERED: Final = re.compile(r"(.*?)[_ ]?(\d+)")
_MOST: Final = 12  # names in a sentence
_LONGEST: Final = 40  # letters of a name
_FEWEST: Final = 8  # rows in which two values are no chance


class Taken(NamedTuple):
    """Which columns of a table were taken, by their names, or by their numbers from 1 on."""

    inputs: tuple[str, ...]
    """In the order of coordinates."""
    label: str
    others: tuple[str, ...]
    """Columns that count rows, which were passed over."""
    is_reordered: bool
    """Whether inputs are in the order of their numbers, and stand in another in the table."""
    has_names: bool = True

    def in_words(self) -> str:
        """Return what was taken: "Inputs x1, x2, x10 in the order of their numbers, label y; passed
        over: id".
        """
        if not self.has_names:
            return (
                f"Inputs columns {self.inputs[0]} to {self.inputs[-1]}, label column {self.label},"
                " of a table without names"
            )
        order = " in the order of their numbers, not as they stand" if self.is_reordered else ""
        others = f"; passed over: {_listed(self.others)}" if self.others else ""
        return f"Inputs {_listed(self.inputs)}{order}, label {_listed((self.label,))}{others}"

    def order_in_words(self, path: str) -> str:
        """Return what there is to say of inputs that are taken in another order than they stand."""
        return (
            f"{path!r} has inputs in another order than their numbers, {_listed(self.inputs)}, in"
            " which they are taken; say by columns= which order is meant"
        )

    def way_on(self) -> str:
        """Return what to do where these are not the inputs of a network."""
        return (
            f"the inputs of the table are {_listed(self.inputs)}, say by --columns which of them"
            " the network takes, and, last, the label"
        )

    def way_to_one(self) -> str:
        """Return what to do where one input is asked for."""
        names = f"{_listed(self.inputs[:1])},{_listed((self.label,))}"
        return (
            f"the inputs of the table are {_listed(self.inputs)}, say which columns are meant by"
            f" columns= (--columns {names})"
        )


class RawSample(NamedTuple):
    """Inputs and labels as a file has them."""

    schema: str
    """Of a file of this package, else empty."""
    inputs: Any
    """(m, d), or (m,) in files of arrays."""
    labels: Any
    """(m,) numbers, truth values or text."""
    arrays: Mapping[str, Any]
    """Everything that a file of this package holds."""
    taken: Taken | None = None
    """The columns of a table, of one without names where it has several inputs."""
    doubt: str = ""
    """What may say that another column is the label; empty if nothing does."""

    @property
    def named(self) -> Taken | None:
        """The columns of a table with names."""
        return self.taken if self.taken is not None and self.taken.has_names else None


def two_readings(path: str, first: Iterable[Any], last: Iterable[Any], way: str) -> str:
    """Return what there is to say where the first column of rows without names may be the label as
    well as the last: both have two values in all of at least 8 rows; else nothing. `way` is how to
    say which is.
    """
    begins, ends = (list(column) for column in (first, last))
    if len(ends) < _FEWEST or len(set(begins)) != 2 or len(set(ends)) != 2:
        return ""
    values = " and ".join(
        f"{one:g}" if isinstance(one, float) else str(one) for one in dict.fromkeys(begins)
    )
    return (
        f"{path!r} has no names of columns, and its first column has two values as labels have,"
        f" {values}, like the last, which is read as the label; to say which is, {way}"
    )


def numbered(name: str) -> tuple[str, int] | None:
    """Return the two parts of a name as x0, or None."""
    match = _NUMBERED.fullmatch(name.strip().lower())
    return (match[1], int(match[2])) if match else None


def _listed(names: tuple[str, ...]) -> str:
    """Return names in a row; of many the first and the last."""
    shown = [name.strip()[:_LONGEST] or "''" for name in names]
    if len(shown) <= _MOST:
        return ", ".join(shown)
    return f"{', '.join(shown[: _MOST - 2])}, … {shown[-1]} ({len(shown)})"
