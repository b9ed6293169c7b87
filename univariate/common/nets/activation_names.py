"""What settings say of activations by name: ReLU between layers and nothing after the last, or
something else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from univariate.common.nets.names import (
    ACTIVATIONS,
    SETTINGS,
    is_before_training,
    spelled,
    word_set,
)

_CALLED_SO: Final = word_set(
    "act acts activation activations nonlinearity nonlinearities nonlin linearity"
)
"""Words of what is called an activation."""

_ENDS: Final = word_set("out output outputs final last")
"""Words of what comes after the last layer."""

_HEADS: Final = word_set("head readout")
"""Words of last layers, of which there may be several."""

_HIDDEN: Final = word_set("hidden inner")
_FUNCTION: Final = word_set("fn func function name type cls")
_WHERE: Final = _ENDS | _HEADS | _HIDDEN | word_set("layer layers first input in second mid middle")
"""Words of keys that say which layers an activation is of."""

_NOTHING: Final = word_set("none identity linear no not off null nothing disabled logits raw")
_RELUS: Final = tuple(
    map(word_set, ("relu", "relu_", "rectifier", "rectified_linear", "rectified linear"))
)
_AROUND: Final = word_set(
    "torch nn jax flax linen keras tf modules functional f function class activation at inplace"
    " true false functions layers activations activationtype equinox eqx haiku hk unit"
    " built in method of type object pjitfunction custom_jvp"
)
"""What stands around the name of an activation, as in torch.nn.ReLU(inplace=True)."""

_RECKONED: Final = re.compile(r"[*^²³√]|[-+−/]\s*\d|\d\s*[-+−/]|^\s*[-−]")
"""What is done to the values of an activation, as in relu^2 and 2 * relu."""

_MODULE: Final = re.compile(r"^(\w+\.)+(?=\w+$)")
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]+")

_ABOUT: Final = word_set(
    "dtype precision log logs logging stats statistics regularization regularisation regularizer"
    " regulariser penalty checkpointing"
)
"""Words of what is said or recorded of activations, and is none of them."""

_PARAMETERS: Final = word_set("max_value threshold alpha slope cap")
"""Numbers with which an activation is another one than ReLU, unless they are 0."""

_BENDS: Final = word_set(
    "sigma phi nl af transfer hidden head final last out output outputs squash squashing"
    " type kind cls"
)
"""Names under which the name of another activation, and no more, is that of one in the network."""

_COMMANDS: Final = word_set("args arguments argv cmd command cmdline options flags")
"""Names of settings in which words follow names that they belong to."""

_MODULES: Final = (
    "(?:Tanh|Sigmoid|GELU|SiLU|Mish|ELU|SELU|CELU|Softplus|Softsign|LeakyReLU|PReLU|RReLU|ReLU6"
    "|Hardtanh|Hardswish|Hardsigmoid)"
)
_FUNCTIONS: Final = (
    "(?:tanh|gelu|silu|swish|mish|elu|selu|celu|softsign|leaky_relu|prelu|rrelu|relu6|hardtanh)"
)
"""Without those that a program may have in its loss."""

_WRITTEN: Final = re.compile(
    rf"\bnn\.(?:modules\.activation\.)?{_MODULES}\b|\b{_MODULES}\("
    rf"|\b(?:torch|F|functional|nn|jnp)\.{_FUNCTIONS}\("
)
"""Other activations as a printed module or a program has them."""


def is_called_so(words: frozenset[str]) -> bool:
    """Whether an entry whose name has these words is an activation."""
    return not words.isdisjoint(_CALLED_SO) and words.isdisjoint(_ABOUT)


def is_about(words: frozenset[str]) -> bool:
    """Whether words of a name are those of what is said or recorded of activations, and no more."""
    return words <= _CALLED_SO | _ABOUT and not words.isdisjoint(_ABOUT)


def is_bend(words: frozenset[str]) -> bool:
    """Whether a name has no other words than those under which an activation is named."""
    return words <= _BENDS | _CALLED_SO | _FUNCTION


def is_activation(name: str) -> bool:
    """Whether an entry is called an activation, and not one of the rule of first weights."""
    words = frozenset(spelled(name))
    return is_called_so(words) and not is_before_training(words)


def is_of_layers(path: str, name: str) -> bool:
    """Whether an entry is called as the activation between layers and no more, so that None is the
    identity.
    """
    named = frozenset(spelled(name))
    is_so = is_activation(name) and named <= _CALLED_SO | _HIDDEN | _FUNCTION
    return is_so and not is_at_end(path)


def is_at_end(path: str) -> bool:
    """Whether names that lead to an entry are those of a last layer."""
    return not (_ENDS | _HEADS).isdisjoint(spelled(path))


def is_other(words: frozenset[str], said: str | Sequence[str | None], depth: int | None) -> bool:
    """Whether a text under a name of activations is neither ReLU between layers nor nothing after
    the last, or one in a list; if there is one for each layer, the last is that of outputs.
    """
    if isinstance(said, str):
        return _names_other(words, said)
    names = ["none" if one is None else one for one in said]
    ends = names[-1:] if len(names) == depth else []
    hidden = names[: len(names) - len(ends)]
    return any(_names_other(words, one) for one in hidden) or any(
        _names_other(words | {"output"}, one) for one in ends
    )


def _names_other(words: frozenset[str], said: str) -> bool:
    text = said.lower()
    named = frozenset(re.findall(r"\b[a-z]\w*", text)) - _AROUND
    ends = frozenset() if words & _HIDDEN else words & (_ENDS | _HEADS)
    if named in _RELUS:
        return bool(ends & _ENDS or _RECKONED.search(_ADDRESS.sub("", text)))
    return not ends or not named <= _NOTHING


def is_bent(words: frozenset[str], number: float) -> bool:
    """Whether a number is a slope on the left, or a power, that ReLU has not."""
    if words & {"leak", "leakiness", "leaky"} or {"negative", "slope"} <= words:
        return bool(number)
    is_power = not words.isdisjoint(("power", "exponent"))
    return is_power and ("relu" in words or is_called_so(words)) and number != 1


def are_of_another(words: frozenset[str]) -> bool:
    """Whether words of a switch are those of another activation, or of one after the last layer."""
    named = words - _ENDS - _HEADS
    if not named <= ACTIVATIONS | _CALLED_SO | {"relu"}:
        return False
    return not named.isdisjoint(ACTIVATIONS) or (bool(named) and not words.isdisjoint(_ENDS))


def are_named(value: Any) -> bool:
    """Whether a value is a list of names, None among them for no activation."""
    return (
        isinstance(value, list | tuple)
        and any(isinstance(one, str) for one in value)
        and all(isinstance(one, str | None) for one in value)
    )


def is_where(key: Any) -> bool:
    """Whether a key says no more than of which layers an activation is."""
    return frozenset(re.findall(r"[a-z]+", str(key).lower())) <= _WHERE


def parameters(value: Mapping[Any, Any], path: str, levels: int = 3) -> Iterator[tuple[str, float]]:
    """Yield the numbers in the settings of an activation that make another one of ReLU."""
    for key, entry in value.items():
        below = f"{path}.{key}"
        if isinstance(entry, Mapping) and levels:
            yield from parameters(entry, below, levels - 1)
        elif key in _PARAMETERS and isinstance(entry, int | float) and not isinstance(entry, bool):
            yield below, entry


def is_written(said: str) -> bool:
    """Whether a text is a printed module or a program in which another activation is."""
    return bool(_WRITTEN.search(said))


def is_named_alone(words: frozenset[str], said: str) -> bool:
    """Whether a text is the name of another activation, as tanh or torch.tanh, and no more, under a
    name of what has one, or of settings.
    """
    alone = frozenset(spelled(_MODULE.sub("", said.lower())))
    is_name = bool(alone & ACTIVATIONS) and alone <= ACTIVATIONS | {"relu"}
    return is_name and not words.isdisjoint(_BENDS | (SETTINGS - _COMMANDS))
