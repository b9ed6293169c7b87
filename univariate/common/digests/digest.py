"""Digests of what is read word by word: a hash of definitions, one of values, one of sources, and
one of what is read besides.

Files of before the fourth was kept have three. Where more is known than such files could tell, as
of functions in cells that import something, three more follow: definitions, values, and what is
read besides, with all that is known.
"""

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
    """Four hashes that grow; `str` gives them, 16 hexadecimal digits each, hyphens between."""

    def __init__(self) -> None:
        self._definitions = blake2b(digest_size=8)
        self._values = blake2b(digest_size=8)
        self._sources = blake2b(digest_size=8)
        self._besides = blake2b(digest_size=8)
        self._is_besides = False

    def besides(self) -> None:
        """Add all that follows, but sources, to the fourth hash."""
        self._is_besides = True

    def define(self, *words: str) -> None:
        """Add words of definitions."""
        _add(self._besides if self._is_besides else self._definitions, words)

    def source(self, *words: str) -> None:
        """Add words of sources, whether what they define is used or not."""
        _add(self._sources, words)

    def count(self, number: int) -> None:
        """Add how many values follow."""
        _add(self._data, (str(number),))

    def value(self, value: Any) -> bool:
        """Add a number, a text, a path or an array of numbers; return whether it is one."""
        if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
            _add(self._data, (value.dtype.str, repr(value.shape)))
            self._data.update(np.ascontiguousarray(value).tobytes())
            return True
        if isinstance(value, PurePath):
            _add(self._data, (type(value).__name__, repr(value)))
            return True
        plain = next((kind for kind in _PLAIN if isinstance(value, kind)), None)
        if plain is not None:
            # not the words that a class of someone's has for its numbers
            _add(self._data, (type(value).__name__, plain.__repr__(value)))
        return plain is not None

    @property
    def _data(self) -> Any:
        return self._besides if self._is_besides else self._values

    def __str__(self) -> str:
        parts = self._definitions, self._values, self._sources, self._besides
        return "-".join(one.hexdigest() for one in parts)


def with_more(early: str, full: str) -> str:
    """Return the digest of what older files could tell, with that of all that is known."""
    if UNKNOWN in {early, full} or early == full:
        return early or full
    definitions, values, _, besides = full.split("-")
    return "-".join((early, definitions, values, besides))


def difference(before: str, now: str) -> str:
    """Return in words what differs between the digests of two functions; "" if nothing does, or
    one is unknown.
    """
    if UNKNOWN in {before, now}:
        return ""
    found = _differing(_known(before), _known(now))
    if found and before.count("-") != now.count("-"):  # an older one may tell less
        found = _differing(before.split("-")[:4], now.split("-")[:4])
    return found


def surroundings_differ(before: str, now: str) -> bool:
    """Whether functions are the same as far as is known, and their sources are not, or less is
    known of one than of the other: before what is read besides was kept, say.
    """
    if UNKNOWN in {before, now} or difference(before, now):
        return False
    parts = [one if len(one) > 3 else [*one, _NOTHING] for one in map(_known, (before, now))]
    return parts[0] != parts[1]


def _known(digest: str) -> list[str]:
    """Return the parts of a digest that tell all that is known."""
    parts = digest.split("-")
    return parts if len(parts) <= 4 else [*parts[4:6], parts[2], parts[6]]


def _differing(before: list[str], now: list[str]) -> str:
    same = [one == other for one, other in zip(before, now, strict=False)]
    if not same[0]:
        return "its definition, or one that it names"
    return "" if all(same[:2] + same[3:]) else "a value that it uses"


def _add(found: Any, words: Iterable[str]) -> None:
    for word in words:
        content = word.encode(errors="surrogatepass")
        # with lengths, so that no two lists of words are one text
        found.update(len(content).to_bytes(8, "big") + content)


_NOTHING: Final = blake2b(digest_size=8).hexdigest()
"""The fourth hash where nothing is read besides, which older digests lack."""
