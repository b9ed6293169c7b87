"""Digests of what is read word by word: a hash of definitions, one of values, one of sources."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from pathlib import PurePath
from types import EllipsisType
from typing import Any, Final

import numpy as np

_PLAIN: Final = (
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
        found = type(value) in _PLAIN or isinstance(value, PurePath)
        if found:
            _add(self._values, (type(value).__name__, repr(value)))
        return found

    def __str__(self) -> str:
        parts = self._definitions, self._values, self._sources
        return "-".join(one.hexdigest() for one in parts)


def _add(found: Any, words: Iterable[str]) -> None:
    for word in words:
        content = word.encode(errors="surrogatepass")
        # with lengths, so that no two lists of words are one text
        found.update(len(content).to_bytes(8, "big") + content)
