"""Entries beside a network that do nothing to it: what is off, and scalings by 1 or from 0."""

from typing import Any, Final

from univariate.common.nets.activation_names import is_bend
from univariate.common.nets.names import word_set, words_of

_SCALES: Final = word_set(
    "scale scales scaling scaler std stds stdev sd sigma var variance divisor divide divider"
    " multiplier mult gain max maximum hi high upper norm range dev"
)
"""Names of what inputs or outputs are divided by or multiplied with; 1 changes nothing."""

_NEEDED: Final = (
    *("relu", "rect", "act", "nonlin", "bias", "half", "phi", "nl", "af", "transfer"),
    *("positiv", "negativ", "hinge", "kink", "ramp"),
)
"""What words begin with of which a network is another one without them."""


def is_neutral_number(words: set[str], value: Any) -> bool:
    """Whether a number in settings is 0, or 1 under a name of what scales."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == 0 or (value == 1 and not words.isdisjoint(_SCALES))


def is_neutral(name: str, value: Any) -> bool:
    """Whether an entry says that something is not done: None, False, 0, or a scaling by 1, but for
    what is assumed of a network, as rectify.
    """
    words = words_of(name) if name.isascii() else set()
    if not words or any(word.startswith(_NEEDED) for word in words):
        return False
    if value is None:
        return not is_bend(frozenset(words))
    return value is False or is_neutral_number(words, value)
