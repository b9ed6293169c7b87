"""Texts that name another network than one of ReLU in passing, as tanh_w20 and runs/gelu-3."""

import re
from typing import Final

from univariate.common.nets.names import (
    ACTIVATIONS,
    ARGUMENTS,
    BEFORE,
    TRAINING,
    architectures,
    is_before_training,
    spelled,
    word_set,
)

_ARCHITECTURES: Final = word_set("resnet maxout kan rff glu geglu swiglu crelu rrelu")
_SCALED: Final = word_set(
    "normalized normalised standardized standardised whitened zscore minmax ntk mup meanfield"
)
"""What is done to inputs or layers; to gradients under names of training."""

_OF_LOSSES: Final = word_set("loss losses criterion objective objectives obj")
_LOSSES: Final = word_set("softplus sigmoid")
"""Losses that are called as activations are: log(1 + exp(−z)) is softplus(−z)."""

_LEAKY: Final = word_set("leaky leakyrelu lrelu")
"""What PyTorch's rule of first weights is told by default, whatever the activation."""

_SIX: Final = re.compile(r"relu_?6(?!\d)")

_ASKED: Final = TRAINING, _OF_LOSSES, BEFORE, ARGUMENTS
"""Words of names on which it depends what is another network."""

_ANY: Final = re.compile("|".join(ACTIVATIONS | _ARCHITECTURES | _SCALED) + "|relu_?6")
"""Any of the words, in whatever place: most texts have none."""


def asked_of(name: str) -> tuple[bool, ...]:
    """Return all that `names_other` asks of a name, and of one that begins with it."""
    words = frozenset(spelled(name))
    return tuple(not words.isdisjoint(known) for known in _ASKED)


def names_other(name: str, text: str) -> bool:
    """Whether a whole word of a text under a name is another activation or architecture, and is not
    denied, as in no_tanh.
    """
    if not _ANY.search(text.lower()):
        return False
    words = frozenset(spelled(name))
    wanted = ACTIVATIONS | _ARCHITECTURES
    if words.isdisjoint(TRAINING):
        wanted |= _SCALED
    if not words.isdisjoint(_OF_LOSSES):
        wanted -= _LOSSES
    if is_before_training(words):
        wanted -= _LEAKY
    # SiLU is two words in camelCase
    found = architectures(text) | architectures(text.lower())
    return not wanted.isdisjoint(found) or bool(_SIX.search(text.lower()))
