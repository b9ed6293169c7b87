"""The vocabulary of results: verdicts, and results that read well and serialise.

`highdim` shares this module, so that a verdict means the same in one dimension and on the sphere.
"""

import dataclasses
import enum
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import total_ordering
from typing import Any, ClassVar, TypeVar, dataclass_transform

import numpy as np
from numpy.typing import NDArray

from univariate.common.copying import restore, state_of
from univariate.common.equality import hashed, same
from univariate.common.html import Page, Parts
from univariate.common.spelled import spelled

T = TypeVar("T")


@total_ordering
class Word(enum.Enum):
    """Base of what is one of a few texts: it equals its text, prints, sorts and hashes as it.

    It is no str: arrays and tables of texts would copy the letters, and what comes out of them
    would be no member, for which ``is`` is silently False and ``if`` true.
    """

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return bool(self.value == other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.value)

    def __lt__(self, other: object) -> bool:
        if isinstance(other, Word | str):
            return str(self) < str(other)
        return NotImplemented

    def __str__(self) -> str:
        return str(self.value)


class Verdict(Word):
    """Outcome of a decision. Deliberately not a bool: ``if verdict:`` raises.

    Compare it by ``verdict is Verdict.HOLDS`` or ``verdict == "HOLDS"``; it prints as that text.

    HOLDS
        Proved, up to the tolerance that the certificate states; the certificate carries the proof's
        data.
    FAILS
        Refuted; the certificate carries a witness that was replayed.
    UNDECIDED
        Neither; the certificate's ``reason`` says what is missing.
    """

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    UNDECIDED = "UNDECIDED"

    def __bool__(self) -> bool:
        """Refuse: an undecided verdict is neither true nor false."""
        raise TypeError("a Verdict is not a bool; compare it, as in `verdict is Verdict.HOLDS`")

    @classmethod
    def of(cls, condition: bool) -> "Verdict":
        """HOLDS or FAILS, for a condition that was decided outright."""
        return cls.HOLDS if condition else cls.FAILS


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def result(kind: type[T]) -> type[T]:
    """Make a class that derives from `Result` a frozen dataclass; its methods are those of that."""
    return dataclasses.dataclass(frozen=True, repr=False)(kind)


class Result:
    """Base of all frozen result classes: a readable ``repr`` (large parts by name), a JSON-ready
    ``to_dict``, and equality by value.

    ``repr`` and ``str`` are ASCII, so that ``print`` works on every stream: <= for ≤, theta for θ.
    Texts among the fields keep the paper's letters.

    Two results are equal if they are of one class and say the same: all public fields are equal,
    arrays entry by entry, NaN and NaN included. Of what they speak is private, and not compared.
    Cost of comparisons and hashes: that of reading all fields.

    One that has a verdict is neither true nor false, and `if` refuses it.
    """

    derived: ClassVar[tuple[str, ...]] = ()
    """Properties that `to_dict` writes after the fields."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Keep `dataclass` from its own methods, which fail on arrays or have to leave them out."""
        super().__init_subclass__(**options)
        for name in ("__eq__", "__hash__"):
            if name not in cls.__dict__:
                setattr(cls, name, getattr(cls, name))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        return all(map(same, _told(self), _told(other)))

    def __hash__(self) -> int:
        return hash((type(self), *map(hashed, _told(self))))

    def __bool__(self) -> bool:
        """Refuse of what has a verdict, as that does: it would be true whatever that is."""
        if isinstance(getattr(self, "verdict", None), Verdict):
            raise TypeError(
                f"a result of the class {type(self).__name__} is not a bool; ask for its verdict,"
                " as in `found.verdict is Verdict.HOLDS`, or for `found is not None`"
            )
        return True

    def __getstate__(self) -> dict[str, Any]:
        return state_of(self)

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        restore(self, state)

    def to_dict(self) -> dict[str, Any]:
        """Return the public fields as plain Python values (lists, floats, strings, None for
        missing).
        """
        found: dict[str, Any] = plain(self)
        return found

    def brief(self) -> str:
        """Return how it is shown inside another result: in full where it is small."""
        if len(field_names(self)) <= 4:
            return self.in_full()
        verdict = getattr(self, "verdict", None)
        suffix = f" {verdict.name}" if isinstance(verdict, Verdict) else ""
        return f"<{type(self).__name__}{suffix}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a table of the fields, large parts folded."""
        return Page(brief_value).result(self)

    def shown_parts(self) -> Parts:
        """Return what a notebook shows of it: its kind, its verdict or number, its fields."""
        verdict = getattr(self, "verdict", None)
        gist = verdict if isinstance(verdict, Verdict) else None
        named = [(name, getattr(self, name)) for name in field_names(self)]
        return Parts(type(self).__name__, gist, named)

    def in_full(self) -> str:
        """Return how it is shown by itself, in the paper's letters; `repr` spells these."""
        parts = (f"{name}={brief_value(getattr(self, name))}" for name in field_names(self))
        return f"{type(self).__name__}({', '.join(parts)})"

    def __repr__(self) -> str:
        return spelled(self.in_full())


def field_names(result: Result) -> list[str]:
    """Return the names of the public fields, in order."""
    names = [field.name for field in dataclasses.fields(result)]  # type: ignore[arg-type]
    return [name for name in names if not name.startswith("_")]


def _told(result: Result) -> Iterator[Any]:
    """Yield the values that count in comparisons."""
    for field in dataclasses.fields(result):  # type: ignore[arg-type]
        if field.compare and not field.name.startswith("_"):
            yield getattr(result, field.name)


def plain(value: Any, longest: int | None = None) -> Any:
    """Turn a value of any result into JSON-ready Python.

    Infinities become the strings "inf" and "-inf". With `longest`, what is written is a document:
    arrays with more entries become a summary (count, shape, smallest, largest, mean), and NaN
    becomes None.
    """
    if isinstance(value, Result):
        if field_names(value) == ["name"]:
            return value.name  # type: ignore[attr-defined] # nothing but a name
        # a document does not repeat what follows from its fields
        derived = value.derived if longest is None else ()
        names = (*field_names(value), *derived)
        return {name: plain(getattr(value, name), longest) for name in names}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(item, longest) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict(), longest)
    if isinstance(value, list | tuple):
        return [plain(item, longest) for item in value]
    if isinstance(value, np.ndarray):
        if longest is not None and value.size > longest:
            return plain(_summary(value), longest)
        return plain(value.tolist(), longest)
    if isinstance(value, np.generic):
        return plain(value.item(), longest)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, float) and not math.isfinite(value):
        return None if longest is not None and math.isnan(value) else str(value)
    return value


def _summary(array: NDArray[Any]) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        return {
            "count": len(array),
            "shape": list(array.shape),
            "smallest": float(array.min()),
            "largest": float(array.max()),
            "mean": float(array.mean()),
        }


def brief_value(value: Any) -> str:
    """Return what stands for a value inside a result: in full where it is short."""
    if isinstance(value, Result):
        return value.brief()
    if hasattr(value, "_asdict"):
        return f"<{type(value).__name__}>"
    if isinstance(value, np.ndarray):
        if value.size <= 4 and value.ndim <= 1:
            return np.array2string(value)
        return f"<{'×'.join(map(str, value.shape))} array>"
    if isinstance(value, Verdict):
        return value.name
    if isinstance(value, float | np.floating):
        return f"{float(value):.10g}"
    if isinstance(value, tuple) and len(value) > 4:
        return f"<tuple of {len(value)}>"
    if type(value) is tuple:
        return f"({', '.join(map(brief_value, value))}{',' * (len(value) == 1)})"
    return repr(value)
