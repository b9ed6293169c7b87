"""What stands beside a network and is not known to be of a run alone: it may say that the network
is another function.

Activations and scalings under names that are known are refused. What is left is named, unless it is
known to say nothing of a network, holds the sizes of its layers, or says what is assumed anyway. So
is every text with another activation in it, whatever its name.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from univariate.common.nets.activation_names import is_activation
from univariate.common.nets.assumed import is_name_of_net, says_what_is_assumed
from univariate.common.nets.beside import joined
from univariate.common.nets.between import called
from univariate.common.nets.disagreeing import classes_turned, denies_biases
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.names import is_of_training, spelled
from univariate.common.nets.neutral import is_neutral
from univariate.common.nets.other_words import asked_of, names_other
from univariate.common.nets.plain_texts import is_plain_text
from univariate.common.nets.runs import is_label, is_of_run, is_of_sample, is_of_settings
from univariate.common.nets.settings import bare, is_object, opened, told
from univariate.common.nets.siblings import names_of_state
from univariate.common.nets.sizes import are_sizes
from univariate.common.nets.stated import cut, first_of, stated

_DEEPEST: Final = 8  # levels
_MOST: Final = 8  # entries


def unasked(entries: Iterable[tuple[str, Any]], layers: NamedLayers) -> list[str]:
    """Return what among entries beside a network is not known to be of a run alone, as
    "'config.alpha' = 0.5"; where there are many, the last are counted.

    Cost a pass over the entries.
    """
    search = _Search(layers)
    found: dict[str, None] = {}
    for path, entry in _without_decay(entries):
        *above, last = path.split(".")
        if any(map(is_of_training, (*above, last))):
            names = search.in_passing(entry, path, path)
        else:
            names = search.unknown(entry, path, called(above[-1] if above else "", last))
        found |= dict.fromkeys(names)
    return first_of(list(found), _MOST)


class _Search:
    """Looks at entries by path and name; a part that is in several places is looked at once."""

    def __init__(self, layers: NamedLayers) -> None:
        self._layers = layers
        # kept, or another part could come to lie where one was
        self._seen: dict[Any, Any] = {}

    def unknown(self, value: Any, path: str, name: str, levels: int = _DEEPEST) -> Iterator[str]:
        """Yield what in an entry is not known to be of a run alone."""
        if self._is_seen(value, _sense(name), levels):
            return
        known = _in_words(told(value))
        held = opened(known)
        if isinstance(value, os.PathLike):
            yield from self.in_passing(known, path, name, levels)
            return
        classes = classes_turned(name, told(value))
        if classes or denies_biases(name, held, self._layers):
            yield f"{cut(path)!r} = {classes}" if classes else stated(path, held)
            return
        parts = _settings_in(held, name)
        if (parts is None and _is_silent(name)) or self._is_known(known, held, name):
            yield from self.in_passing(value, path, name, levels)
        elif parts is None or not levels:
            yield stated(path, known)
        else:
            if isinstance(known, str) and names_other(name, bare(known)):
                yield stated(path, known)
            for key, entry in _without_decay(parts):
                below = joined(path, key) if key else path
                yield from self.unknown(entry, below, _called(name, key), levels - 1)

    def in_passing(self, value: Any, path: str, name: str, levels: int = _DEEPEST) -> Iterator[str]:
        """Yield the texts in an entry, of a run or known, that have another activation in them."""
        is_inner = is_object(value) and levels < _DEEPEST  # a logger leads to all others
        if not levels or is_inner or self._is_seen(value, asked_of(name), levels, "in passing"):
            return
        known = told(value)
        if isinstance(known, str) and names_other(name, known):
            yield stated(path, known)
        elif isinstance(known, Mapping):
            for key, entry in known.items():
                below = joined(path, key)
                yield from self.in_passing(entry, below, f"{name} {key}", levels - 1)
        elif isinstance(known, list | tuple):
            for entry in known:
                yield from self.in_passing(entry, path, name, levels - 1)

    def _is_known(self, value: Any, held: Any, name: str) -> bool:
        """Whether an entry is the state of an optimiser, says what is assumed or sizes, or that
        something is not done.
        """
        if isinstance(held, Mapping) and names_of_state(held):
            return True
        if is_neutral(name, held) or are_sizes(name, held, self._layers):
            return True
        if isinstance(value, str) and is_plain_text(name, value):
            return True
        return says_what_is_assumed(name, value, held)

    def _is_seen(self, value: Any, *place: Any) -> bool:
        """Whether a part was looked at in such a place; note it. Texts and numbers are not: one
        object may be what several entries hold.
        """
        if isinstance(value, str | int | float | None):
            return False
        mark = id(value), *place
        is_seen = mark in self._seen
        self._seen[mark] = value
        return is_seen


def _sense(name: str) -> Any:
    """Return all that is asked of a name, and of one that begins with it: where many paths lead to
    a part, names joined on the way are many, and sets of their words few.
    """
    if " " not in name:
        return name
    return frozenset(spelled(name)), name.isascii(), name.endswith(" class")


def _is_silent(name: str) -> bool:
    """Whether an entry that holds no settings says nothing of a network, by its name."""
    return is_of_sample(name) or (is_of_run(name) and not is_name_of_net(name))


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


def _without_decay(entries: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return entries without a gamma that is the decay of learning rates, after a number of epochs
    beside it.
    """
    known = list(entries)
    last = {path.rpartition(".")[2]: entry for path, entry in known}
    steps = last.get("step_size")
    if "milestones" not in last and not (isinstance(steps, int) and steps > 0):
        return known
    return [(path, entry) for path, entry in known if path.rpartition(".")[2] != "gamma"]


def _in_words(value: Any) -> Any:
    """Return the words of a command line as a text; anything else as it is."""
    are_words = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    return " ".join(value) if are_words and value else value


def _called(name: str, key: str) -> str:
    """Return what an entry of settings is called: with the name of what has a name, or is data."""
    if not key or key.isdecimal():
        return name
    return f"{name} {key}" if is_of_sample(name) else called(name, key)
