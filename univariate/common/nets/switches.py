"""What settings switch on or off: skipped connections, normalisations, other activations, ReLU."""

from typing import Any, Final

from univariate.common.nets.activation_names import are_of_another, is_bent
from univariate.common.nets.names import SKIPS, word_set

SCALED: Final = word_set(
    "parametrization parametrisation parameterization parameterisation param scaling"
)
"""Words of how layers are scaled by their widths."""

_SWITCHES: Final = SKIPS | word_set(
    "leaky normalize normalise normalized normalised standardize standardise standardized"
    " standardised batchnorm layernorm whiten whitened rescale rescaled linearize linearise"
    " linearized linearised mup bn maxout squash squashing zscore minmax subtract"
)
_ALONE: Final = tuple(map(word_set, ("skip", "skips", "ntk")))
"""Words that switch something on where no others stand beside them."""

_FLOWS: Final = ("input", "inputs", "output", "outputs")
_PAIRS: Final = tuple(
    map(
        word_set,
        (
            *("skip connection", "skip connections", "batch norm", "layer norm", "mean field"),
            *("norm input", "norm inputs", "norm obs", "clip output", "clamp output"),
            *("log x", "log transform", "activate final", "activate output", "activate last"),
            *(f"{how} {what}" for how in ("scale", "center") for what in _FLOWS),
            *(f"ntk {one}" for one in SCALED),
        ),
    )
)
"""Words of what is switched on, one alone or two together."""

ON: Final = word_set("yes y on enabled pre post add sum cat concat")
_SWITCH: Final = word_set("use uses with is apply no not")
"""Words that say no more than that something is switched."""

_NONLINEAR: Final = word_set("relu nonlinear nonlinearity")
_OF_RUNS: Final = word_set(
    "loss losses grad grads gradient gradients gd lr optim optimizer margin margins advantage"
    " advantages adv reward rewards pde physics compute plot"
)
"""Words of what else is normalised or a residual, and of what a run computes."""


def is_switched(words: frozenset[str], said: float) -> bool:
    """Whether a number or truth value switches on what is no ReLU net, or ReLU off."""
    if is_bent(words, said):
        return True
    if said not in (0, 1) or isinstance(said, float):
        return False
    plain = words - _SWITCH
    is_on = bool(said) != ("no" in words or "not" in words)
    if plain and plain <= _NONLINEAR:
        return not is_on
    if are_of_another(plain):
        return is_on
    return is_on and (plain in _ALONE or is_switch(words))


def is_off(words: frozenset[str], said: Any) -> bool:
    """Whether a number or truth value that is not `is_switched` says that what is no ReLU net is
    off, or is of a run.
    """
    if not isinstance(said, bool | int) or said not in (0, 1):
        return False
    plain = words - _SWITCH
    if plain in _ALONE or is_switch(words) or are_of_another(plain):
        return True
    are_of_run = not words.isdisjoint(_OF_RUNS) and plain <= _OF_RUNS | _SWITCHES | {"log"}
    return are_of_run or (bool(plain) and plain <= _NONLINEAR)


def is_switch(words: frozenset[str]) -> bool:
    """Whether an entry whose name has these words switches on what is no ReLU net."""
    if not words.isdisjoint(_OF_RUNS):
        return False
    return not words.isdisjoint(_SWITCHES) or any(pair <= words for pair in _PAIRS)
