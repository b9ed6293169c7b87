"""What stands beside a network and is not known to be of a run alone: it may say that the network
is another function.

Activations and scalings under names that are known are refused. What is left is named, unless it is
known to say nothing of a network, holds the sizes of its layers, or says what is assumed anyway. So
is every text with another activation in it, whatever its name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from univariate.common.nets.activation_names import is_activation
from univariate.common.nets.assumed import is_name_of_net, is_plain, says_what_is_assumed
from univariate.common.nets.beside import joined
from univariate.common.nets.between import called
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.names import is_of_training
from univariate.common.nets.other_words import names_other
from univariate.common.nets.runs import is_label, is_of_run, is_of_sample, is_of_settings
from univariate.common.nets.settings import bare, is_object, opened, told
from univariate.common.nets.sizes import are_sizes
from univariate.common.nets.stated import stated

_DEEPEST: Final = 8  # levels
_MOST: Final = 8  # entries
_STATES: Final = (
    frozenset(["param_groups"]),
    frozenset(["count", "mu"]),
    frozenset(["growth_factor"]),
)
"""Names that tell the state of an optimiser, or of what scales gradients."""

_COUNTS: Final = frozenset("nmpNMP")
"""Numbers of data and of neurons, and the probability of flips."""

_CLASS: Final = "class"
_FILE: Final = re.compile(r"\S{1,1000}\.(?:ya?ml|json|toml|cfg|ini|gin|py)")


def unasked(entries: Iterable[tuple[str, Any]], layers: NamedLayers) -> list[str]:
    """Return what among entries beside a network is not known to be of a run alone, as
    "'config.alpha' = 0.5"; where there are many, the last are counted.

    Cost a pass over the entries.
    """
    seen: dict[Any, Any] = {}
    found: dict[str, None] = {}
    for path, entry in entries:
        *above, last = path.split(".")
        if any(map(is_of_training, (*above, last))):
            found |= dict.fromkeys(_others(entry, path, path, seen, _DEEPEST))
            continue
        name = called(above[-1] if above else "", last)
        found |= dict.fromkeys(_judged(entry, path, name, layers, seen, _DEEPEST))
    names = list(found)
    more = len(names) - _MOST
    return names if more <= 1 else [*names[:_MOST], f"{more} more"]


def _judged(
    value: Any, path: str, name: str, layers: NamedLayers, seen: dict[Any, Any], levels: int
) -> Iterator[str]:
    """Yield what in an entry is not known to be of a run alone.

    `seen` has the parts so far, which may be in several places.
    """
    mark = id(value), name, levels
    if mark in seen:
        return
    if not isinstance(value, str | int | float | None):
        seen[mark] = value  # kept, or another could come to lie there
    known = _in_words(told(value))
    held = opened(known)
    parts = _settings_in(held, name)
    is_silent = (is_of_run(name) and not is_name_of_net(name)) or is_of_sample(name)
    if _is_state(held) or (parts is None and is_silent):
        yield from _others(value, path, name, seen, levels)
    elif _is_known(known, held, name, layers):
        yield from _in_passing(known, path, name)
    elif parts is None or not levels:
        yield stated(path, known)
    else:
        if isinstance(known, str):
            yield from _in_passing(known, path, name)
        for key, entry in parts:
            below = joined(path, key) if key else path
            yield from _judged(entry, below, _called(name, key), layers, seen, levels - 1)


def _settings_in(held: Any, name: str) -> list[tuple[str, Any]] | None:
    """Return the settings in an entry by their names, those of a list without; None if there are
    none that its name lets expect.
    """
    if not (is_of_settings(name) or is_label(name) or is_activation(name)):
        return None
    if isinstance(held, Mapping):
        return [(str(key), entry) for key, entry in held.items()]
    if isinstance(held, list | tuple) and any(isinstance(one, Mapping) for one in held):
        return [("", entry) for entry in held]
    return None


def _in_words(value: Any) -> Any:
    """Return the words of a command line as a text; anything else as it is."""
    are_words = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    return " ".join(value) if are_words and value else value


def _called(name: str, key: str) -> str:
    """Return what an entry of settings is called: with the name of what has a name, or is data."""
    if not key or key.isdecimal():
        return name
    return f"{name} {key}" if is_of_sample(name) else called(name, key)


def _is_known(value: Any, held: Any, name: str, layers: NamedLayers) -> bool:
    """Whether an entry holds sizes of layers, nothing, or what is assumed anyway."""
    if name in _COUNTS and isinstance(held, int | float):
        return True
    if name.split()[-1:] == [_CLASS] and isinstance(value, str):
        return is_plain(value) or is_plain(value.rpartition(".")[2])
    if isinstance(held, Mapping) and _is_relu(held.get(_CLASS)):
        return True
    if is_of_settings(name) and _says_nothing(value):
        return True
    return says_what_is_assumed(name, value) or are_sizes(name, held, layers)


def _is_relu(kind: Any) -> bool:
    """Whether a class is that of a module nn.ReLU, which has attributes."""
    return isinstance(kind, str) and kind.startswith("torch.nn.") and kind.endswith(".ReLU")


def _says_nothing(value: Any) -> bool:
    """Whether settings are none, those of a file, or of words of a run."""
    if isinstance(value, str):
        return bool(_FILE.fullmatch(value)) or is_plain(value)
    return value is None or (isinstance(value, Mapping | list | tuple) and not value)


def _is_state(value: Any) -> bool:
    return isinstance(value, Mapping) and any(names <= value.keys() for names in _STATES)


def _in_passing(value: Any, path: str, name: str) -> Iterator[str]:
    """Yield a text, without the settings in it, that has another activation in it."""
    if isinstance(value, str) and names_other(name, bare(value)):
        yield stated(path, value)


def _others(value: Any, path: str, name: str, seen: dict[Any, Any], levels: int) -> Iterator[str]:
    """Yield the texts in an entry that have another activation in them."""
    mark = id(value), name, levels, "others"
    if mark in seen or not levels or (is_object(value) and levels < _DEEPEST):
        return  # a logger leads to all others
    seen[mark] = value
    known = told(value)
    if isinstance(known, str):
        if names_other(name, known):
            yield stated(path, known)
    elif isinstance(known, Mapping):
        for key, entry in known.items():
            yield from _others(entry, joined(path, key), f"{name} {key}", seen, levels - 1)
    elif isinstance(known, list | tuple):
        for entry in known:
            yield from _others(entry, path, name, seen, levels - 1)
