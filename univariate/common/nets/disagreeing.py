"""What a checkpoint says of biases and of classes, and its layers or the usual order do not."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.names import spelled, word_set

_BIASED: Final = word_set("bias biases")
_AT_END: Final = word_set("out output final last head readout")
_INSIDE: Final = word_set("hidden inner first in input inputs")
_SAYING: Final = word_set("use with has is layer layers add")

_CLASSES: Final = word_set("class classes label labels target targets")
_NAMED: Final = word_set("name names map mapping list order ordered encoder original unique")
_USUAL: Final = (
    *(("neg", "pos"), ("negative", "positive"), ("minus", "plus")),
    *(("no", "yes"), ("false", "true")),
)
"""Pairs of classes in the order of -1 and 1."""

_LONGEST: Final = 8  # classes; more are labels of data
_WIDEST: Final = 20  # letters of a class


def denies_biases(name: str, value: Any, layers: NamedLayers) -> bool:
    """Whether an entry says that there are biases where layers have none, or none where some have;
    one of outputs is asked of the last layer, one of hidden layers of the others.
    """
    words = frozenset(spelled(name))
    if not isinstance(value, bool) or not layers:
        return False
    if words.isdisjoint(_BIASED) or not words <= _BIASED | _AT_END | _INSIDE | _SAYING:
        return False
    biases = [bias is not None and bool(np.any(bias)) for _, bias in layers.values()]
    held = [bias is not None for _, bias in layers.values()]
    if not words.isdisjoint(_AT_END):
        biases, held = biases[-1:], held[-1:]
    elif not words.isdisjoint(_INSIDE):
        biases, held = biases[:-1], held[:-1]
    return bool(held) and (any(biases) if not value else not any(held))


def classes_turned(name: str, value: Any) -> str:
    """Return the classes that an entry lists, in a text, if they are in another order than that of
    numbers, or words that tell none: positive scores may be meant for the first one. Empty if they
    are not.
    """
    words = frozenset(spelled(name))
    if words.isdisjoint(_CLASSES) or not words <= _CLASSES | _NAMED:
        return ""
    plain = _listed(value)
    if not 1 < len(plain) <= _LONGEST or not all(
        isinstance(one, int | float | str) for one in plain
    ):
        return ""
    if len(set(plain)) < len(plain):
        return ""  # labels of data are alike
    numbers = [_number(one) for one in plain]
    if None in numbers:
        texts = tuple(one.strip().lower() for one in plain if isinstance(one, str))
        is_usual = len(texts) < len(plain) or texts in _USUAL
    else:
        is_usual = numbers == sorted(numbers, key=lambda one: one or 0.0)
    return "" if is_usual else f"[{', '.join(repr(one)[:_WIDEST] for one in plain)}]"


def _listed(value: Any) -> list[Any]:
    """Return what a list, an array, a text with commas or a mapping from numbers has, in order;
    nothing of anything else.
    """
    if isinstance(value, Mapping):  # some have all attributes
        numbers = [_number(one) for one in value]
        known = [one for one in numbers if one is not None]
        return list(value.values()) if numbers == sorted(known) else []
    if isinstance(value, str):
        return [one.strip(" '\"[]()") for one in value.split(",")] if "," in value else []
    if isinstance(value, list | tuple):
        return list(value)
    shape = getattr(value, "shape", None)
    is_short = isinstance(shape, tuple) and len(shape) == 1 and shape[0] <= _LONGEST
    try:
        return list(value.tolist()) if is_short else []
    except (AttributeError, NotImplementedError, RuntimeError):
        return []  # an array without numbers, as on torch's meta device


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
