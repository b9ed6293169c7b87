"""What a checkpoint holds beside its networks, which may say more of them than their layers do.

Names of activations and scalings are refused where they are known. What they may be called has no
end, so what is passed over is said.
"""

from collections.abc import Mapping
from typing import Any, Final

from univariate.common.nets.checkpoint import (
    DEEPEST,
    OTHER,
    Found,
    branch_of,
    dotted,
    is_of_layer,
    state_dicts,
)
from univariate.common.nets.names import is_of_training
from univariate.common.nets.nested_layers import entries_of
from univariate.common.nets.settings import opened, told
from univariate.common.nets.stated import cut, first_of

_MOST: Final = 12  # names on one level

Entries = list[tuple[str, Any]]
"""Names that lead to entries, joined by points, and the entries."""


def entries_beside(model: Mapping[Any, Any], key: str | None = None) -> Entries:
    """Return what lies beside the networks of a checkpoint, whole parts where none is inside; with
    a key not what lies beside others than its own alone.
    """
    model = branch_of(dotted(model), key)
    networks = {id(found.within): found for found in state_dicts(model)}
    return _beside(model, "", networks, DEEPEST, {}) or []


def _beside(
    value: Any,
    path: str,
    networks: Mapping[int, Found],
    levels: int,
    barren: dict[tuple[int, int], Any],
) -> Entries | None:
    """Return what lies beside the networks in a part of a checkpoint; None if it holds no network.

    Networks are known by where they lie in memory: {"a": {"b": …}} and {"a.b": …} are of one path.
    So are the parts in `barren`, which hold none.
    """
    if id(value) in networks:
        state_dict = networks[id(value)].state_dict
        others = [name for name in state_dict if not is_of_layer(name)]
        return [(joined(path, name), state_dict[name]) for name in others]
    mark = id(value), levels
    if mark in barren:
        return None
    within = [(name, entry) for name, entry in entries_of(value) if entry is not OTHER]
    entries = [(joined(path, name), entry) for name, entry in within] if levels else []
    inside = [_beside(entry, here, networks, levels - 1, barren) for here, entry in entries]
    if all(found is None for found in inside):
        barren[mark] = value
        return None
    both = zip(entries, inside, strict=True)
    return [one for entry, found in both for one in ([entry] if found is None else found)]


def joined(path: str, name: Any) -> str:
    """Return the names that lead to an entry."""
    return f"{path}.{name}".removeprefix(".")


def passed_over(entries: Entries) -> list[str]:
    """Return the names of entries; settings with theirs, as "config (lr, width)"."""
    return _shortened([_named(path, entry) for path, entry in entries])


def _shortened(names: list[str]) -> list[str]:
    """Return names; where there are many those of training go last, and the last are counted."""
    are_many = len(first_of(names, _MOST)) < len(names)
    return first_of(sorted(names, key=is_of_training) if are_many else names, _MOST)


def _named(path: str, entry: Any) -> str:
    """Return the name of an entry, those of settings behind it."""
    path = cut(path) or "''"
    settings = told(opened(entry))
    if isinstance(entry, str) and isinstance(settings, list):  # name=value, one after the other
        settings = {
            name: said for one in settings if isinstance(one, dict) for name, said in one.items()
        }
    if not isinstance(settings, Mapping) or not all(isinstance(one, str) for one in settings):
        return path
    inside = ", ".join(_shortened([cut(name) for name in settings]))
    return f"{path} ({inside})" if inside else path
