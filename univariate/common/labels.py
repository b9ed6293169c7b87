"""Labels: ±1, or anything else by an explicit map.

Which of two other labels is +1 is nobody's guess: 0/1, 1/2, True/False and strings are taken only
with a map from labels to ±1.
"""

import csv
import reprlib
import shlex
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import isnan
from typing import Any, Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.foreign_arrays import plain_array

LabelMap = Mapping[Any, Any]

_SIGNS: Final[Mapping[Any, float]] = {1.0: 1.0, -1.0: -1.0}

_FEW: Final = 3
"""Labels that messages show of many."""

_MANY: Final = 20
"""Different labels, from which on they are taken for values."""


def signs(name: str, values: Any, label_map: LabelMap | None = None) -> Vector:
    """Return labels as a read-only vector of ±1.0.

    Parameters
    ----------
    name : str
        What messages call the argument.
    values : array_like, shape (m,) or (m, 1)
        Labels: numbers, truth values or text. Text that is a number counts as that number.
    label_map : mapping, optional
        Label → +1 or −1, for every label that occurs. Keys are compared as numbers where both are
        numbers (0, 0.0, "0"), truth values also as "True", "TRUE" and "true", else as text without
        spaces around it.

    Raises
    ------
    ValueError
        Without a map: labels other than ±1; the message says which map is needed. With one: labels
        that it lacks, values other than ±1, one sign for all of several labels, keys that
        contradict one another.
    """
    raw = plain_array(name, values)
    if raw.ndim == 2 and raw.shape[1] == 1:
        raw = raw[:, 0]
    if label_map is None and raw.dtype.kind in "iuf":
        found = check.vector(name, raw)
        require_signs(name, found)
        return found
    if raw.ndim != 1 or raw.size == 0 or raw.dtype.kind == "c":
        return check.vector(name, raw)  # which refuses it
    # objects may be numbers of numpy's, which tolist leaves as they are
    entries = [one.item() if isinstance(one, np.generic) else one for one in raw.tolist()]
    known = _SIGNS if label_map is None else _checked(label_map)
    # True equals 1, and may be another label
    keys = [(isinstance(entry, bool), _hashable(entry)) for entry in entries]
    kinds = {key: _sign(known, key[1]) for key in dict.fromkeys(keys)}
    lacking = [key for key, sign in kinds.items() if sign is None]
    if lacking:
        labels, unknown = ([label for _, label in some] for some in (kinds, lacking))
        raise _unknown(name, keys.index(lacking[0]), labels, unknown, label_map)
    if label_map is not None:
        _require_two_signs([label for _, label in kinds], set(known.values()))
    return check.vector(name, [kinds[key] for key in keys])


def require_signs(name: str, y: Vector) -> None:
    """Raise ValueError unless all entries of `y` are +1 or −1."""
    bad = np.flatnonzero(np.abs(y) != 1.0)
    if bad.size:
        raise _unknown(name, int(bad[0]), np.unique(y).tolist(), [float(y[bad[0]])], None)


def label_map_of(text: str | None) -> dict[str, float] | None:
    """Return the map that a command line gives as "0=-1,1=+1"; None for None. A label with commas
    is written in quotation marks, as in a CSV file.

    Raises
    ------
    ValueError
        Not of that form.
    """
    if text is None:
        return None
    found: dict[str, float] = {}
    for part in _parts(text):
        label, equals, sign = part.rpartition("=")
        if not equals or sign.strip() not in ("1", "+1", "-1", "−1"):
            raise ValueError(
                f"`label-map` must map labels to +1 and -1, got {text!r}; pass e.g. 0=-1,1=+1"
            )
        value = 1.0 if sign.strip() in ("1", "+1") else -1.0
        if found.setdefault(label.strip(), value) != value:
            raise ValueError(
                f"`label-map` must map every label once, got {text!r}; drop one of them"
            )
    _checked(found)
    return found


def _parts(text: str) -> list[str]:
    try:
        return next(csv.reader([text], skipinitialspace=True), []) or [text]
    except csv.Error:
        return [text]  # which is no label with its sign


def advice(labels: list[Any]) -> str:
    """Return what to pass for labels that are not ±1, both ways round where there are two."""
    if len(labels) > _MANY:
        return "y is the label, +1 or -1, not a value to fit; pass the right column or array"
    shown = [_shown(label) for label in labels]
    if len(labels) == 2:
        a, b = shown
        return (
            f"say which is which by label_map={{{a}: -1, {b}: 1}} or {{{a}: 1, {b}: -1}}"
            f" (--label-map {_typed(labels[0])}=-1,{_typed(labels[1])}=1, or the other way round)"
        )
    return (
        f"repair it, or map each of {', '.join(shown)} to 1 or -1 by"
        f" label_map={{{shown[0]}: 1, ...}} (--label-map {_typed(labels[0])}=1,...)"
    )


def _unknown(
    name: str, first: int, labels: list[Any], lacking: list[Any], label_map: LabelMap | None
) -> ValueError:
    got = f"{name}[{first}] = {_shown(lacking[0])}"
    if label_map is None:
        return ValueError(f"`{name}` must hold labels +1 and -1 only, got {got}; {advice(labels)}")
    return ValueError(
        f"`label_map` must map every label to +1 or -1, got none for {got}; add"
        f" {', '.join(_shown(label) for label in lacking[:3])} to {reprlib.repr(dict(label_map))}"
    )


def _require_two_signs(labels: list[Any], signs: set[float]) -> None:
    """Raise ValueError for a map to one sign alone where there are several labels."""
    different = list({_forms(label)[-1]: label for label in labels}.values())
    if len(signs) == 1 and len(different) > 1:
        shown = ", ".join(map(_shown, different[:_FEW]))
        raise ValueError(
            f"`label_map` must map some labels to +1 and others to -1, got {signs.pop():+g} for all"
            f" of {shown}{', ...' * (len(different) > _FEW)}; {advice(different)}"
        )


def _checked(label_map: LabelMap) -> dict[Any, float]:
    """Return the map from labels in canonical form."""
    if not isinstance(label_map, Mapping) or not label_map:
        raise TypeError(
            f"`label_map` must map labels to +1 and -1, got {reprlib.repr(label_map)}; pass e.g."
            " {0: -1, 1: 1}"
        )
    found: dict[Any, float] = {}
    for label, sign in label_map.items():
        value = check.real("label_map", sign)
        if abs(value) != 1.0:
            raise ValueError(
                f"`label_map` must map labels to +1 and -1, got {label!r}: {sign!r}; pass e.g."
                " {0: -1, 1: 1}"
            )
        for form in _forms(label):
            if found.setdefault(form, value) != value:
                raise ValueError(
                    f"`label_map` must map every label once, got both signs for {label!r}; drop"
                    " one of them"
                )
    return found


def _sign(known: Mapping[Any, float], label: Any) -> float | None:
    if known is _SIGNS and isinstance(label, bool):
        return None  # True is not +1 unless someone says so
    return next((known[form] for form in _forms(label) if form in known), None)


def _forms(label: Any) -> list[Any]:
    """Return what a label may be called in a map: its number if it has one, its text."""
    if isinstance(label, bool | np.bool_):
        word = str(bool(label))
        return [word, word.upper(), word.lower(), float(label)]  # R's TRUE, and true of JSON
    if isinstance(label, Fraction | Decimal):
        return [label]  # equal to a float, and of its hash, only where it is that number
    if isinstance(label, bytes):
        label = label.decode(errors="replace")
    if isinstance(label, str):
        label = label.strip()
    try:
        number = float(label)
    except (TypeError, ValueError, OverflowError):
        return [str(label)]
    # NaN is no number, nor equal to itself; float passes over the _ in 1_0
    return [str(label) if isnan(number) or "_" in str(label) else number]


def _hashable(label: Any) -> Any:
    if not isinstance(label, str | bytes | bool | int | float | Fraction | Decimal | None):
        raise TypeError(
            f"`y` must hold labels that are numbers or text, got {reprlib.repr(label)}; pass one"
            " label for each observation"
        )
    return label


def _shown(label: Any) -> str:
    if isinstance(label, float) and label.is_integer() and abs(label) < 2.0**53:
        return str(int(label))
    return reprlib.repr(label)


def _typed(label: Any) -> str:
    """Return a label as it is typed in --label-map, in a shell."""
    text = str(label) if isinstance(label, str) else _shown(label)
    if "," in text or text.startswith('"'):
        text = '"' + text.replace('"', '""') + '"'
    return shlex.quote(text)
