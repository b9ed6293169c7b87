"""Digests of what is read word by word: a hash of definitions, one of values, one of sources."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from pathlib import PurePath
from types import EllipsisType
from typing import Any, Final

import numpy as np

from univariate.common.fingerprint import UNKNOWN

_PLAIN: Final[tuple[Any, ...]] = (
    *(bool, int, float, complex, str, bytes, type(None), EllipsisType, range, slice),
    *(Fraction, Decimal),
)


class Digest:
    """Three hashes that grow; `str` gives them, 16 hexadecimal digits each, hyphens between."""

    def __init__(self) -> None:
        self._definitions = blake2b(digest_size=8)
        self._values = blake2b(digest_size=8)
        self._sources = blake2b(digest_size=8)

    def define(self, *words: str) -> None:
        """Add words of definitions."""
        _add(self._definitions, words)

    def source(self, *words: str) -> None:
        """Add words of sources, whether what they define is used or not."""
        _add(self._sources, words)

    def count(self, number: int) -> None:
        """Add how many values follow."""
        _add(self._values, (str(number),))

    def value(self, value: Any) -> bool:
        """Add a number, a text, a path or an array of numbers; return whether it is one."""
        if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
            _add(self._values, (value.dtype.str, repr(value.shape)))
            self._values.update(np.ascontiguousarray(value).tobytes())
            return True
        if isinstance(value, PurePath):
            _add(self._values, (type(value).__name__, repr(value)))
            return True
        plain = next((kind for kind in _PLAIN if isinstance(value, kind)), None)
        if plain is not None:
            # not the words that a class of someone's has for its numbers
            _add(self._values, (type(value).__name__, plain.__repr__(value)))
        return plain is not None

    def __str__(self) -> str:
        parts = self._definitions, self._values, self._sources
        return "-".join(one.hexdigest() for one in parts)


def difference(before: str, now: str) -> str:
    """Return in words what differs between the digests of two functions; "" if nothing does, or
    one is unknown.
    """
    if UNKNOWN in {before, now}:
        return ""
    pairs = [*zip(before.split("-"), now.split("-"), strict=False)][:2]
    same = [one == other for one, other in pairs]
    if all(same):
        return ""
    return "a value that it uses" if same[0] else "its definition, or one that it names"


def surroundings_differ(before: str, now: str) -> bool:
    """Whether functions are the same as far as is known, and their sources are not."""
    return before != now and UNKNOWN not in {before, now} and not difference(before, now)


def _add(found: Any, words: Iterable[str]) -> None:
    for word in words:
        content = word.encode(errors="surrogatepass")
        # with lengths, so that no two lists of words are one text
        found.update(len(content).to_bytes(8, "big") + content)
