"""Entries beside a network that say what is assumed anyway: ReLU between layers, nothing else."""

import re
from collections.abc import Mapping
from typing import Any, Final

from univariate.common.nets.activation_names import (
    are_named,
    is_about,
    is_activation,
    is_bend,
    is_called_so,
)
from univariate.common.nets.between import MODELS, OFF, PREPARED
from univariate.common.nets.names import OFFSETS, SKIPS, affirmed, spelled, word_set
from univariate.common.nets.runs import is_of_run, is_of_settings
from univariate.common.nets.switches import SCALED, is_off, is_switch

_BIASED: Final = OFFSETS | word_set(
    "use with has is hidden output out layer layers first last input in"
)
_SLOPES: Final = word_set("leak leaky leakiness slope negative relu threshold")
_NAMED: Final = MODELS | word_set("name type kind class cls target")
_PLAIN: Final = word_set(
    "relu mlp net nets network networks nn model models module modules layer layers two three deep"
    " shallow wide small large tiny base simple my hidden dense fc linear fully connected feed"
    " forward feedforward ffn sequential torch jax flax linen keras src main one d h w class"
    " re lu relunet relumlp classifier regressor binary no non not without"
    " activation functional f float double half int"
)
"""Words of the name of a ReLU net."""

_SETTINGS_CLASS: Final = re.compile(
    r"(?:argparse|types|omegaconf|ml_collections|collections|builtins|numpy|pathlib|datetime)\."
    r"|[\w.]*(?:namespace|config|conf|cfg|args|arguments|options|settings|params|parameters|dict)\w{0,2}$",
    re.IGNORECASE,
)
"""Classes that hold settings."""

_COUNTS: Final = frozenset("nmpNMP")
"""Numbers of data and of neurons, and the probability of flips."""

_CLASS: Final = "class"  # as `told` calls that of an object
_RELU: Final = re.compile(r"torch\.nn\..*\.ReLU")
_FILE: Final = re.compile(r"\S{1,1000}\.(?:ya?ml|json|toml|cfg|ini|gin|py)")


def says_what_is_assumed(name: str, value: Any, held: Any) -> bool:
    """Whether an entry that has passed the checks of settings is known to say no more than is
    assumed: an activation, what is switched off, the name of a plain net, nothing. `held` is what
    its value holds if that is a text.
    """
    if name in _COUNTS and isinstance(held, int | float):
        return True
    if isinstance(held, Mapping) and _RELU.fullmatch(str(held.get(_CLASS))):
        return True  # a module, which has attributes
    if name.split()[-1:] == [_CLASS] and isinstance(value, str):
        return _is_plain(value) or _is_plain(value.rpartition(".")[2])
    return (is_of_settings(name) and _is_empty(value)) or _is_assumed(name, value)


def _is_assumed(name: str, value: Any) -> bool:
    words = frozenset(spelled(name))
    if is_called_so(words):
        is_said = value is None or isinstance(value, str) or are_named(value)
        return is_activation(name) and is_said
    if is_about(words) or is_off(words, value):
        return True
    if is_switch(words) or not words.isdisjoint(SKIPS | PREPARED | SCALED | {"skip", "skips"}):
        return value is None or _says_off(value)
    if words and words <= _SLOPES and not words.isdisjoint(_SLOPES - {"relu"}):
        return isinstance(value, int | float) and value == 0
    if isinstance(value, bool):
        return not words.isdisjoint(OFFSETS) and words <= _BIASED
    is_name = is_name_of_net(name) or (is_bend(words) and "relu" in str(value).lower())
    return is_name and isinstance(value, str) and _is_plain(value)


def is_name_of_net(name: str) -> bool:
    """Whether an entry is what a network, or its class, is called."""
    words = frozenset(spelled(name))
    return not words.isdisjoint(MODELS) and words <= _NAMED


def _is_plain(text: str) -> bool:
    """Whether a text is the name of a ReLU net, of settings, or of a run."""
    if _SETTINGS_CLASS.match(text):
        return True
    # ReLUNet is three words in camelCase
    readings = affirmed(text), affirmed(text.lower())
    return any(all(word in _PLAIN or is_of_run(word) for word in words) for words in readings)


def _is_empty(value: Any) -> bool:
    """Whether settings are none, those of a file, or words of a run."""
    if isinstance(value, str):
        return bool(_FILE.fullmatch(value)) or _is_plain(value)
    return value is None or (isinstance(value, Mapping | list | tuple) and not value)


def _says_off(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() in OFF | {"standard", "default"}
