"""Sizes that a file names beside a network: whether they are those of its layers."""

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.names import word_set, words_of

_SIZES: Final = word_set(
    "width widths hidden size sizes dim dims dimension dimensions units neurons nodes features"
    " feats in out input inputs output outputs layer layers shape shapes n num number of d h k arch"
    " architecture structure topology mlp net network model"
)
_DEPTHS: Final = word_set("depth layers layer")
_HOW_MANY: Final = word_set("depth n num number")
_COUNTS: Final = word_set("param params parameters parameter weights")
_COUNTED: Final = _COUNTS | word_set("n num number of count total trainable model size")
_NUMBERS: Final = re.compile(r"[\[(]?\s*\d+(?:\s*[-,x×]\s*\d+)*\s*,?\s*[\])]?")


def are_sizes(name: str, value: Any, layers: NamedLayers) -> bool:
    """Whether an entry holds sizes of layers: one or several in a row, how many layers there are,
    with or without the output, or how many parameters.
    """
    words = words_of(name) if name.isascii() else {name}
    numbers = _whole(value)
    if not numbers or not layers:
        return False
    if words <= _COUNTED and not words.isdisjoint(_COUNTS):
        return len(numbers) == 1 and numbers[0] in _parameters(layers)
    if not words <= _SIZES | _DEPTHS:
        return False
    is_one = len(numbers) == 1
    is_depth = is_one and numbers[0] in (len(layers) - 1, len(layers))
    if is_depth and not words.isdisjoint(_DEPTHS):
        return True
    return not (is_one and _counts_layers(words)) and _in_row(numbers, _widths(layers))


def _counts_layers(words: set[str]) -> bool:
    """Whether a name says how many layers there are, as depth and n_hidden_layers; what is called
    layers may be their widths.
    """
    is_of_layers = words <= _DEPTHS | _HOW_MANY | {"of", "hidden"}
    return is_of_layers and not (words.isdisjoint(_DEPTHS) or words.isdisjoint(_HOW_MANY))


def _whole(value: Any) -> list[int]:
    """Return whole numbers, also those of a text as "50-50"; none if there is anything else."""
    if isinstance(value, str):
        is_row = len(value) < 1000 and _NUMBERS.fullmatch(value.strip())
        return [int(one) for one in re.findall(r"\d{1,18}", value)] if is_row else []
    found = value.tolist() if isinstance(value, np.ndarray) else value
    found = list(found) if isinstance(found, list | tuple) else [found]
    found = [one.item() if isinstance(one, np.integer) else one for one in found]
    return found if all(type(one) is int for one in found) else []


def _widths(layers: NamedLayers) -> list[int]:
    weights = [weight for weight, _ in layers.values()]
    return [weights[0].shape[1], *(len(weight) for weight in weights)]


def _in_row(numbers: Sequence[int], widths: Sequence[int]) -> bool:
    count = len(numbers)
    places = range(len(widths) - count + 1)
    return any(list(widths[k : k + count]) == list(numbers) for k in places)


def _parameters(layers: NamedLayers) -> tuple[int, int]:
    """Return how many weights there are, and how many parameters."""
    weights = sum(weight.size for weight, _ in layers.values())
    return weights, weights + sum(bias.size for _, bias in layers.values() if bias is not None)
