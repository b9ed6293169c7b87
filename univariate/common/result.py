"""The vocabulary of results: verdicts, and results that read well and serialise.

`highdim` shares this module, so that a verdict means the same in one dimension and on the sphere.
"""

import dataclasses
import enum
import math
from fractions import Fraction
from typing import Any

import numpy as np


class Verdict(enum.Enum):
    """Outcome of a decision. Deliberately not a bool: ``if verdict:`` raises.

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


class Result:
    """Base of all frozen result classes: a readable ``repr`` (large parts by name) and a JSON-ready
    ``to_dict``.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the public fields as plain Python values (lists, floats, strings, None for
        missing).
        """
        return {name: plain(getattr(self, name)) for name in field_names(self)}

    def __repr__(self) -> str:
        parts = (f"{name}={_brief(getattr(self, name))}" for name in field_names(self))
        return f"{type(self).__name__}({', '.join(parts)})"


def field_names(result: Result) -> list[str]:
    """Return the names of the public fields, in order."""
    names = [field.name for field in dataclasses.fields(result)]  # type: ignore[arg-type]
    return [name for name in names if not name.startswith("_")]


def plain(value: Any) -> Any:
    """Turn a value of any result into JSON-ready Python; infinities become the strings "inf" and
    "-inf".
    """
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _brief(value: Any) -> str:
    if hasattr(value, "_asdict") or (isinstance(value, Result) and len(field_names(value)) > 4):
        verdict = getattr(value, "verdict", None)
        suffix = f" {verdict.name}" if isinstance(verdict, Verdict) else ""
        return f"<{type(value).__name__}{suffix}>"
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
        return f"({', '.join(map(_brief, value))}{',' * (len(value) == 1)})"
    return repr(value)
