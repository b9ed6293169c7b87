"""What a file says of the layers of a network: that something else than ReLU is between them.

In a state dict ReLU is assumed between layers and nothing after the last. Settings beside it, notes
and the names of layers may say otherwise, and are believed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from univariate.common.nets.names import (
    TRAINING,
    is_before_training,
    is_of_training,
    spelled,
    word_set,
)
from univariate.common.nets.said import is_object, opened, told

_ACTIVATIONS: Final = word_set(
    "act acts activation activations nonlinearity nonlinearities nonlin linearity"
)
_CALLED: Final = word_set("name type kind class value cls _target_")
_ENDS: Final = word_set("out output outputs final last")
_NOTHING: Final = word_set("none identity linear")
_AROUND: Final = word_set(
    "torch nn jax flax linen keras tf modules functional f function class activation at inplace"
    " true false"
)
"""What stands around the name of an activation, as in torch.nn.ReLU(inplace=True)."""

_SKIPS: Final = word_set(
    "residual residuals res resnet resblock resblocks shortcut shortcuts highway bypass"
)
_BRANCHES: Final = _SKIPS | word_set(
    "skip skips downsample lora adapter adapters gate gates gating attn attention qkv query expert"
    " experts branch branches"
)
_SWITCHES: Final = _SKIPS | word_set(
    "leaky normalize normalise normalized normalised standardize standardise standardized"
    " standardised batchnorm layernorm"
)
_PAIRS: Final = tuple(
    map(word_set, ("skip connection", "skip connections", "batch norm", "layer norm"))
)
"""Words of what is switched on, one alone or two together."""

_PREPARED: Final = word_set(
    "normalize normalise normalization normalisation normalizer normaliser standardize standardise"
    " standardization standardisation standardizer scaler preprocess preprocessing preprocessor"
    " whitening transform transforms"
)
"""Names of what is done to inputs, and a word says how."""

_OFF: Final = word_set("none no not off false null nothing identity disabled")

_MODELS: Final = word_set("arch architecture model net network mlp layer layers")
_OTHERS: Final = _SKIPS | word_set(
    "tanh sigmoid gelu silu swish elu selu celu mish softplus softsign hardtanh leaky prelu siren"
    " transformer"
)
_MODULES: Final = (
    "(?:Tanh|Sigmoid|GELU|SiLU|Mish|ELU|SELU|CELU|Softplus|Softsign|LeakyReLU|PReLU|RReLU|ReLU6"
    "|Hardtanh|Hardswish|Hardsigmoid)"
)
_WRITTEN: Final = re.compile(rf"\bnn\.{_MODULES}\b|\b{_MODULES}\(")
"""Other activations as a printed module or a program has them."""

_PLACES: Final = word_set("path paths file files folder dir url checkpoint checkpointing")
"""Words of what is called after something else."""

_DEEPEST: Final = 8  # levels


def require_relu(value: Any, networks: Iterable[Any]) -> None:
    """Refuse what says, beside networks, that they have other activations or skipped connections.

    Parameters
    ----------
    value : mapping, list or anything
        A checkpoint.
    networks : iterable
        The parts of it that are read as networks.

    Raises
    ------
    ValueError
        A text under a name of activations that is not ReLU (nothing, for those of outputs), an
        architecture that is called after others, a slope for negative numbers; skipped connections
        or normalisations that are switched on, and how inputs are prepared.
    """
    known: set[Any] = {id(one) for one in networks}
    for path, name, said in _said(value, "", "", known, _DEEPEST):
        if _is_against(frozenset(spelled(name)), said):
            raise ValueError(
                f"`model` holds {path!r} = {said!r} beside the network, but ReLU would be assumed"
                " between its layers and nothing after the last; convert the module itself by"
                " from_torch, which evaluates it, or save its state_dict alone if that is not of it"
            )


def _said(
    value: Any, path: str, name: str, known: set[Any], levels: int
) -> Iterator[tuple[str, str, Any]]:
    """Yield the texts and numbers beside networks: where they are, what they are called.

    `known` has the networks, and the objects that were looked at by such a name.
    """
    mark = id(value), name
    if id(value) in known or mark in known or not levels:
        return
    if is_object(value):
        if is_of_training(name):
            return  # a logger leads to all others
        known.add(mark)
    value = told(value)
    if isinstance(value, str | bool | int | float):
        yield path, name, value
        held = opened(value)
        if held is not value:
            yield from _said(held, path, name, known, levels - 1)
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            # the name of an activation may be an entry of its own
            called = f"{name} {key}" if key in _CALLED else str(key)
            below = f"{path}.{key}".removeprefix(".")
            yield from _said(entry, below, called, known, levels - 1)
    elif isinstance(value, list | tuple):
        parts = [entry for entry in value if not isinstance(entry, int | float)]
        # words of a command line
        line = [" ".join(value)] if all(isinstance(entry, str) for entry in value) else []
        for entry in parts + line:
            yield from _said(entry, path, name, known, levels - 1)


def _is_against(words: frozenset[str], said: str | float) -> bool:
    """Whether an entry whose name has these words speaks against ReLU between layers."""
    if not isinstance(said, str):
        if words & {"leak", "leakiness"} or ("slope" in words and words & {"negative", "leaky"}):
            return bool(said)
        switch = not words.isdisjoint(_SWITCHES) or any(pair <= words for pair in _PAIRS)
        return said is True and switch
    if is_before_training(words) or not words.isdisjoint(_PLACES):
        return False
    if words.isdisjoint(_ACTIVATIONS):
        return bool(_WRITTEN.search(said)) or _names_others(words, frozenset(spelled(said)))
    named = set(re.findall(r"\b[a-z]\w*", said.lower())) - _AROUND
    is_end = not words.isdisjoint(_ENDS)
    return named not in ({"relu"}, {"relu_"}) and not (is_end and named <= _NOTHING)


def _names_others(words: frozenset[str], said: frozenset[str]) -> bool:
    """Whether the words of a text are those of another architecture under the name of a model, of
    another activation alone in what a class is made of, or of what is done to inputs.
    """
    if not words.isdisjoint(TRAINING) or not said:
        return False
    if not words.isdisjoint(_MODELS) or ("value" in words and said <= _OTHERS | {"relu"}):
        return not said.isdisjoint(_OTHERS)
    return not words.isdisjoint(_PREPARED) and said.isdisjoint(_OFF | TRAINING)


def against_chain(names: list[str]) -> str | None:
    """Return what in the names of layers says that they do not follow one another with ReLU
    between; None if nothing does.
    """
    if {word for name in names for word in spelled(name)} >= {"q", "k", "v"}:
        return "'q', 'k' and 'v' as of attention"
    for name in names:
        if not _BRANCHES.isdisjoint(spelled(name)):
            return f"{name!r}, by its name another part"
        if any(name != other and name.startswith(f"{other}.") for other in names):
            return f"{name!r} inside another layer"
    numbers: dict[str, list[int]] = {}
    for name in names:
        stem, _, last = name.rpartition(".")
        if last.isdecimal():
            numbers.setdefault(stem, []).append(int(last))
    for stem, found in numbers.items():
        steps = {b - a: f"{stem}.{b}".removeprefix(".") for a, b in pairwise(sorted(found))}
        if 1 in steps and len(steps) > 1:
            return (
                f"{steps[1]!r}, which nn.Sequential applies right after another one, as its number"
                " says"
            )
    return None
