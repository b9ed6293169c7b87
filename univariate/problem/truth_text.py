"""Truths as text: breakpoints, a colon, and the sign between each two, as "0.2,1/3:+-+".

A number is a decimal, read to the nearest double, or a fraction, kept as it is. A truth without
breakpoints is its sign alone, "+1" or "-1".
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final
from zlib import crc32

Place = float | Fraction
"""A double, or a fraction that is none."""

REMEDY: Final = "pass e.g. '0.3:+-', +1 up to 0.3 and -1 from there on"

_SIGNS: Final = {"+": 1, "-": -1, "−": -1, "0": 0}
_LETTERS: Final = {1: "+", -1: "-", 0: "0"}
_CONSTANT: Final = {"+1": "+", "-1": "-", "−1": "-"}
_LONGEST: Final = 60  # characters of a name


def place_of(number: float | Fraction | int) -> Place:
    """Return a number as a double if it is one, as a fraction otherwise. Exact."""
    exact = Fraction(number)
    try:
        near = float(exact)
    except OverflowError:
        return exact
    return near if Fraction(near) == exact else exact


def text_of(breakpoints: Sequence[Place], signs: Sequence[int]) -> str:
    """Return the text of a truth in full, which `parsed` reads."""
    if not breakpoints:
        return {1: "+1", -1: "-1", 0: "0"}[signs[0]]
    places = ",".join(str(place) for place in breakpoints)
    return f"{places}:{''.join(_LETTERS[sign] for sign in signs)}"


def name_of(breakpoints: Sequence[Place], signs: Sequence[int]) -> str:
    """Return the text, or what identifies it where that is long."""
    text = text_of(breakpoints, signs)
    if len(text) <= _LONGEST:
        return text
    first, last = (f"{float(breakpoints[k]):.6g}" for k in (0, -1))
    digest = f"#{crc32(text.encode()):08x}"
    if len(breakpoints) == 1:
        return f"one breakpoint near {first}, {digest}"
    return f"{len(breakpoints)} breakpoints from {first} to {last}, {digest}"


def parsed(text: str) -> tuple[list[Place], list[int]]:
    """Return the breakpoints and signs of a text; ValueError if it is none."""
    before, colon, letters = text.strip().rpartition(":")
    if not colon:
        letters = _CONSTANT.get(letters, letters)
    try:
        signs = signs_of(letters.strip())
        places = [_number(part) for part in before.split(",")] if before.strip() else []
    except (ValueError, ZeroDivisionError):
        raise ValueError(
            f"`truth` must be breakpoints, a colon and the signs between, got {text!r}; {REMEDY}"
        ) from None
    return places, signs


def signs_of(letters: str) -> list[int]:
    """Return the signs that "+", "-" and "0" stand for; ValueError for other letters."""
    try:
        return [_SIGNS[letter] for letter in letters]
    except KeyError:
        raise ValueError(
            f"`signs` must be written with +, - and 0, got {letters!r}; {REMEDY}"
        ) from None


def _number(text: str) -> Place:
    """Read a fraction exactly, a decimal to the nearest double; ValueError for other texts."""
    if "_" in text:  # which float() and int() pass over
        raise ValueError
    if "/" in text:
        above, below = text.split("/")
        return place_of(Fraction(int(above), int(below)))
    return float(text)
