"""What the names of layers say: that they do not follow one another with ReLU between.

nn.Sequential numbers what it applies, layers and activations alike. Other names may be those of
another activation, of a branch, or of a scaling of inputs.
"""

from collections.abc import Collection
from itertools import pairwise
from typing import Final

from univariate.common.nets.names import ACTIVATIONS, SKIPS, affirmed, spelled, word_set

_BRANCHES: Final = SKIPS | word_set(
    "skip skips downsample lora adapter adapters gate gates gating attn attention qkv experts"
    " branches"
)
_ONES_OF_SEVERAL: Final = word_set("query expert branch")
"""Names of other parts, unless all layers are of one that is called so."""

_SQUARE: Final = word_set(
    "left right pos neg transform carry value film update reset lateral identity side"
)
"""Names of other parts where layers have as many outputs as inputs, which fit anywhere; a chain may
begin or end with a layer that is called so.
"""

_OTHERS: Final = ACTIVATIONS | word_set("maxout glu swiglu geglu rbf rff fourier")
_KINDS: Final = ACTIVATIONS | word_set("resnet")
_SCALINGS: Final = word_set(
    "whiten whitening scale scaler scaling rescale rescaling standardize standardise standardizer"
    " standardiser standardization standardisation normalize normalise normalizer normaliser"
    " normalization normalisation preprocess preprocessing preprocessor pca center centre centering"
    " centring"
)
"""Names of linear layers that have no ReLU behind them, unless they are the last."""


def is_called_otherwise(path: str) -> bool:
    """Whether the names that lead to a network are those of another kind than ReLU nets."""
    return not _KINDS.isdisjoint(affirmed(path))


def against_chain(names: list[str], square: Collection[str] = ()) -> str | None:
    """Return what in the names of layers, first layer first, says that they do not follow one
    another with ReLU between; None if nothing does. Those that are `square` have as many outputs as
    inputs.
    """
    if {word for name in names for word in spelled(name)} >= {"q", "k", "v"}:
        return "'q', 'k' and 'v' as of attention"
    shared = set.intersection(*(set(spelled(name)) for name in names)) if names else set()
    modules = set.intersection(*(set(name.split(".")) for name in names)) if names else set()
    above = {word for module in modules for word in spelled(module)}
    for place, name in enumerate(names, 1):
        words = affirmed(name)
        parts = _BRANCHES | (_ONES_OF_SEVERAL - above)
        if not parts.isdisjoint(words) or (name in square and (_SQUARE - above) & set(words)):
            return f"{name!r}, by its name another part"
        if not _OTHERS.isdisjoint(words):
            return f"{name!r}, by its name with another activation"
        if place < len(names) and not _SCALINGS.isdisjoint(set(words) - shared):
            return f"{name!r}, by its name a scaling"
        if any(name != other and name.startswith(f"{other}.") for other in names):
            return f"{name!r} inside another layer"
    at_once = _applied_at_once(names)
    if at_once is None:
        return None
    return f"{at_once!r}, which nn.Sequential applies right after another one, as its number says"


def _applied_at_once(names: list[str]) -> str | None:
    """Return a layer that nn.Sequential applies right after another one; None if there is none.

    Its numbers leave out those of activations; those of nn.ModuleList, between which a program may
    put activations, leave out none.
    """
    numbers: dict[str, list[int]] = {}
    for name in names:
        stem, _, last = name.rpartition(".")
        if last.isdecimal():
            numbers.setdefault(stem, []).append(int(last))
    sequential: set[str] = set()
    for stem, found in numbers.items():
        steps = {b - a: f"{stem}.{b}".removeprefix(".") for a, b in pairwise(sorted(found))}
        if 1 in steps and len(steps) > 1:
            return steps[1]
        if steps and 1 not in steps:
            sequential.add(stem)
    for one, other in pairwise(names):
        stem, _, last = one.rpartition(".")
        # what comes first in the nn.Sequential that follows a layer
        following = f"{stem}.{int(last) + 1}".removeprefix(".") if last.isdecimal() else ""
        if following in sequential and other == f"{following}.0":
            return other
    return None
