"""What a file says beside a network: that something else than ReLU is between its layers.

In a state dict ReLU is assumed between layers and nothing after the last. Settings beside it and
notes may say otherwise, and are believed; so are the names of layers, see
`univariate.common.nets.layer_names`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from univariate.common.nets.names import (
    ACTIVATIONS,
    SKIPS,
    TRAINING,
    is_before_training,
    is_of_training,
    spelled,
    word_set,
)
from univariate.common.nets.said import is_object, opened, told

_CALLED_SO: Final = word_set(
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

_RECKONED: Final = re.compile(r"[*^²³√]|[-+−/]\s*\d|\d\s*[-+−/]|^\s*[-−]")
"""What is done to the values of an activation, as in relu^2 and 2 * relu."""

_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]+")

_SWITCHES: Final = SKIPS | word_set(
    "leaky normalize normalise normalized normalised standardize standardise standardized"
    " standardised batchnorm layernorm whiten whitened rescale rescaled linearize linearise"
    " linearized linearised mup"
)
_PAIRS: Final = tuple(
    map(
        word_set,
        (
            *("skip connection", "skip connections", "batch norm", "layer norm", "mean field"),
            *("ntk param", "ntk parametrization", "ntk parameterization", "ntk scaling"),
            *("ntk parametrisation", "ntk parameterisation"),
        ),
    )
)
"""Words of what is switched on, one alone or two together."""

_ON: Final = word_set("yes y on enabled pre post add sum cat concat")
_SWITCH: Final = word_set("use uses with is apply no not")
"""Words that say no more than that something is switched."""

_NONLINEAR: Final = word_set("relu nonlinear nonlinearity")
_END: Final = word_set("out output final last head")

_NORMS: Final = word_set(
    "layer batch instance group rms norm layernorm batchnorm rmsnorm bn ln pre post"
)
_SCALED: Final = word_set(
    "parametrization parametrisation parameterization parameterisation param scaling"
)
_OTHER_SCALES: Final = word_set("ntk mup meanfield")
"""Ways to multiply layers by powers of their widths."""

_PREPARED: Final = word_set(
    "normalize normalise normalization normalisation normalizer normaliser standardize standardise"
    " standardization standardisation standardizer scaler preprocess preprocessing preprocessor"
    " whitening transform transforms featurizer featuriser"
)
"""Names of what is done to inputs, and a word says how."""

_OFF: Final = word_set("none no not off false null nothing identity disabled")

_FITTED: Final = re.compile(
    r"sklearn\.(preprocessing(?!\._label)|decomposition|kernel_approximation|random_projection"
    r"|compose)\b"
)
"""Modules of what is done to inputs."""

_MODELS: Final = word_set("arch architecture model net network mlp layer layers")
_OTHERS: Final = SKIPS | ACTIVATIONS | word_set("transformer maxout kan fourier rff ntk")
_BENDS: Final = word_set(
    "sigma phi nl transfer hidden head final last out output outputs squash squashing"
)
"""Names under which the name of another activation is that of one in the network."""

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
        A text under a name of activations that is not ReLU (nothing, for those of outputs), one
        that is the name of another, an architecture that is called after others, a slope for
        negative numbers; other activations, skipped connections or normalisations that are switched
        on, or ReLU off; how layers are scaled by their widths, and how inputs are prepared.
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
    if is_before_training(words):
        return False
    if not isinstance(said, str):
        return _is_switched(words, said)
    if not words.isdisjoint(_PLACES):
        return False
    if words.isdisjoint(_CALLED_SO):
        return bool(_WRITTEN.search(said)) or _names_others(words, said)
    named = set(re.findall(r"\b[a-z]\w*", said.lower())) - _AROUND
    if named in ({"relu"}, {"relu_"}):
        return bool(_RECKONED.search(_ADDRESS.sub("", said.lower())))
    return words.isdisjoint(_ENDS) or not named <= _NOTHING


def _is_switched(words: frozenset[str], said: float) -> bool:
    """Whether a number or truth value switches on what is no ReLU net, or ReLU off."""
    if words & {"leak", "leakiness", "leaky"} or {"negative", "slope"} <= words:
        return bool(said)
    if said not in (0, 1) or isinstance(said, float):
        return False
    plain = words - _SWITCH
    is_on = bool(said) != ("no" in words or "not" in words)
    if plain and plain <= _NONLINEAR:
        return not is_on
    if plain & ACTIVATIONS and plain <= ACTIVATIONS | _CALLED_SO | _END:
        return is_on
    skips = plain in ({"skip"}, {"skips"})
    return is_on and (skips or _is_switch(words))


def _is_switch(words: frozenset[str]) -> bool:
    return not words.isdisjoint(_SWITCHES) or any(pair <= words for pair in _PAIRS)


def _names_others(words: frozenset[str], said: str) -> bool:
    """Whether a text is one of another architecture under the name of a model, of another
    activation, of what is done to inputs or to layers.
    """
    if _FITTED.match(said):
        return True
    found = frozenset(spelled(said))
    if not words.isdisjoint(TRAINING) or not found:
        return False
    if _is_other_activation(words, said) or _is_other_layer(words, found):
        return True
    if not words.isdisjoint(_MODELS):
        return not found.isdisjoint(_OTHERS) or found == {"deep", "linear"}
    is_prepared = not words.isdisjoint(_PREPARED) or {"feature", "map"} <= words
    return is_prepared and found.isdisjoint(_OFF | TRAINING)


def _is_other_activation(words: frozenset[str], said: str) -> bool:
    """Whether a text is the name of another activation under a name of what has one."""
    if "value" in words and frozenset(spelled(said)) <= _OTHERS | {"relu"}:
        return not _OTHERS.isdisjoint(spelled(said))
    alone = frozenset(spelled(said.lower()))
    is_name = bool(alone & ACTIVATIONS) and alone <= ACTIVATIONS | {"relu"}
    return is_name and not words.isdisjoint(_BENDS)


def _is_other_layer(words: frozenset[str], found: frozenset[str]) -> bool:
    """Whether the words of a text say how layers are scaled, normalised or skipped."""
    if not words.isdisjoint(_SCALED) and (found & _OTHER_SCALES or {"mean", "field"} <= found):
        return True
    return ("norm" in words and found <= _NORMS) or (_is_switch(words) and found <= _ON)
