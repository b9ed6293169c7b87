"""Texts that name another network than one of ReLU in passing, as tanh_w20 and runs/gelu-3."""

import re
from typing import Final

from univariate.common.nets.names import (
    ACTIVATIONS,
    ARGUMENTS,
    BEFORE,
    DATA,
    SETS,
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

_SIX: Final = re.compile(r"relu_?6(?!\d|[-_ ]?(?:lay|hid))")

_OF_ELSE: Final = re.compile(
    r"(?<![a-z])(?:(?:softplus|sigmoid)[-_ ]*loss|(?:squared|sq)[-_ ]*(?:loss|hinge|err)"
    r"|normali[sz]ed[-_ ]*(?:margin|grad|s?gd(?![a-z])))"
    # hinge_loss_sigmoid may be a net of sigmoid units
    r"|(?<![a-z])(?<![a-z][-_ ])loss[-_= ]+(?:softplus|sigmoid)(?![a-z])"
    r"|(?<![a-z])margin[-_ ]+normali[sz]ed(?![a-z]|[-_ ]+(?:x|in|data|feat))",
    re.IGNORECASE,
)
"""Losses that are called as activations are, and what is normalised besides inputs."""

_BENT: Final = word_set(
    "sin cos sine quadratic cubic repu requ hardswish hswish hardsigmoid snake polynomial arctan"
    " atan sinusoidal squareplus"
)
"""Activations that are said of losses, of data and of learning rates as well."""

_OF_DATA: Final = SETS | DATA | word_set("task truth law density sampler distribution")

_CURVES: Final = "(?:sin|cos|sine|quadratic|cubic|polynomial)"
_ELSE: Final = re.compile(
    rf"(?<![a-z]){_CURVES}[-_. ]*"
    r"(?:lr|sched|anneal|decay|warm|loss|spline|interp|data|target|truth|sim|dist|margin|reg|growth"
    r"|wave|curve|label)"
    r"|(?<![a-z])(?:lr|sched(?:ule)?|loss|data|targets?|truth|true|teacher|labels?|signs?|fit|learn"
    rf"|noisy)[-_.= ]+{_CURVES}(?![a-z])"
)
"""Such words before what is no activation, or behind it."""

_POWERS: Final = re.compile(
    r"(?<![a-z0-9(.])relu(?:2|\^[23]|\*\*[23])(?![0-9):=]|[-_ ]?(?:lay|hid))"
    r"|(?<![a-z])(?:squared|sq)[-_ ]?relu|relu[-_ ]?(?:squared|sq)(?![a-z])"
)
_PAST: Final = re.compile(
    r"(?<![a-z])(?:res(?:idual)?[-_ ]?(?:mlp|net|fc|block)s?(?![a-z])"
    r"|skip[-_ ]?(?:net|mlp|connection)s?(?![a-z])|densenet|highway)"
    # alone it is that of a KKT point as well
    r"|(?:^|[/=]|(?:mlp|relu|net)[-_])residual(?:$|[-_./]?[wd]?\d)"
)
"""Networks in which inputs go past layers."""

_DENIED: Final = re.compile(r"(?<![a-z])(?:no|non|not|without)[-_ ]+[a-z]+[-_ ]?[a-z]*")

_ASKED: Final = _OF_DATA, TRAINING, _OF_LOSSES, BEFORE, ARGUMENTS
"""Words of names on which it depends what is another network."""

_ANY: Final = re.compile("|".join(ACTIVATIONS | _ARCHITECTURES | _SCALED) + "|relu_?6")
"""Any of the words, in whatever place: most texts have none."""

_RARE: Final = re.compile("|".join(_BENT) + "|relu|res|skip|densenet|highway")


def asked_of(name: str) -> tuple[bool, ...]:
    """Return all that `names_other` asks of a name, and of one that begins with it."""
    words = frozenset(spelled(name))
    return tuple(not words.isdisjoint(known) for known in _ASKED)


def names_other(name: str, text: str) -> bool:
    """Whether a whole word of a text under a name is another activation or architecture, and is not
    denied, as in no_tanh.
    """
    text = _OF_ELSE.sub(" ", text)
    lower = text.lower()
    if _RARE.search(lower) and _names_rare(frozenset(spelled(name)), text):
        return True
    if not _ANY.search(lower):
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
    found = architectures(text) | architectures(lower)
    return not wanted.isdisjoint(found) or bool(_SIX.search(lower))


def _names_rare(words: frozenset[str], text: str) -> bool:
    """Whether a text has a power of ReLU, a residual network, or a word that, unless it is said of
    losses, data or learning rates, is an activation.
    """
    if not words.isdisjoint(TRAINING | _OF_LOSSES | BEFORE):
        return False
    lower = _DENIED.sub(" ", text.lower())
    if _POWERS.search(lower) or _PAST.search(lower):
        return True
    if not words.isdisjoint(_OF_DATA):
        return False
    return not _BENT.isdisjoint(architectures(_ELSE.sub(" ", lower)))
