"""Trees of layers: mappings, or lists of them, that hold a mapping for each layer and nothing else.

A part may be in several places of a file, and files may be cyclic: what is in a part is asked once.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from univariate.common.nets.named_layers import KINDS

_TALLEST: Final = 32  # levels of a tree of layers; whole files have no end where they are cyclic
_MOST: Final = 100_000
"""Layers of a tree. Where all parts are in two places each, 32 levels have 2^32 layers."""


def entries_of(value: Any) -> Iterable[tuple[Any, Any]]:
    """Return the entries of a mapping, or of a list with mappings, by name or number."""
    if isinstance(value, Mapping):
        return value.items()
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        return enumerate(value)
    return ()


def _is_array(value: Any) -> bool:
    return isinstance(value, list) or (not isinstance(value, Mapping) and hasattr(value, "shape"))


def has_nested_layers(value: Any) -> bool:
    """Whether a mapping holds nothing but layers, {"fc1": {"weight": …, "bias": …}, …}, some levels
    deep. The one entry of a mapping is looked into, by its name.
    """
    alone = isinstance(value, Mapping) and len(value) == 1
    return _is_tree(value) and not (alone and _is_tree(*value.values()))


def _is_tree(value: Any) -> bool:
    """Whether a mapping, or a list of mappings, holds nothing but layers and more such."""
    return 0 < _layers_in(value, _TALLEST, {}) <= _MOST


def _layers_in(value: Any, levels: int, known: dict[tuple[int, int], tuple[Any, int]]) -> int:
    """Return how many layers a tree has, by all names that lead to them; 0 if it is none.

    `known` has the numbers of the parts so far, by where they lie in memory and how many levels
    they may have, and keeps the parts, or another could come to lie there. Cost O(levels ×
    entries).
    """
    mark = id(value), levels
    if mark not in known:
        parts = [part for _, part in entries_of(value)] if levels else []
        counts = (1 if is_layer(part) else _layers_in(part, levels - 1, known) for part in parts)
        known[mark] = value, _total(counts)
    return known[mark][1]


def _total(counts: Iterable[int]) -> int:
    """Return the sum; 0 as soon as one is 0."""
    total = 0
    for count in counts:
        if not count:
            return 0
        total += count
    return total


def is_layer(value: Any) -> bool:
    """Whether a mapping is one layer, of nn.Linear or another kind, texts beside its arrays."""
    if not isinstance(value, Mapping):
        return False
    if not all(_is_array(part) or isinstance(part, str | None) for part in value.values()):
        return False
    return not value.keys().isdisjoint(KINDS) and not any("." in str(name) for name in value)


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a tree of layers, by the names that lead to them joined by points."""
    for name, entry in entries_of(value):
        if entries_of(entry):
            yield from leaves(entry, f"{path}{name}.")
        else:
            yield f"{path}{name}", entry
