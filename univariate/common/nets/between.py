"""What a file says beside a network: that something else than ReLU is between its layers.

In a state dict ReLU is assumed between layers and nothing after the last. Settings beside it and
notes may say otherwise, and are believed; so are the names of layers, see
`univariate.common.nets.layer_names`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from univariate.common.nets.activation_names import (
    are_named,
    is_activation,
    is_at_end,
    is_called_so,
    is_named_alone,
    is_of_layers,
    is_other,
    is_where,
    is_written,
    parameters,
)
from univariate.common.nets.names import (
    ACTIVATIONS,
    SKIPS,
    TRAINING,
    architectures,
    is_before_training,
    is_of_record,
    is_of_training,
    is_scaled_by_sizes,
    spelled,
    word_set,
)
from univariate.common.nets.settings import LONGEST, bare, is_object, opened, told
from univariate.common.nets.switches import ON, SCALED, is_switch, is_switched

_CALLED: Final = word_set("name type kind class value cls _target_")
_NORMS: Final = word_set(
    "layer batch instance group rms norm layernorm batchnorm rmsnorm bn ln pre post d"
)
_RANGES: Final = tuple(map(word_set, ("minmax", "min max", "zscore", "z score")))
"""How inputs are normalised."""

_OTHER_SCALES: Final = word_set("ntk mup meanfield")
"""Ways to multiply layers by powers of their widths."""

PREPARED: Final = word_set(
    "normalize normalise normalization normalisation normalizer normaliser standardize standardise"
    " standardization standardisation standardizer scaler preproc preprocess preprocessing"
    " preprocessor whitening transform transforms featurizer featuriser"
)
"""Names of what is done to inputs, and a word says how."""

OFF: Final = word_set("none no not off false null nothing identity disabled")

_FITTED: Final = re.compile(
    r"sklearn\.(preprocessing(?!\._label)|decomposition|kernel_approximation|random_projection"
    r"|compose)\b"
)
"""Modules of what is done to inputs."""

MODELS: Final = word_set(
    "arch architecture model net network mlp layer layers spec specs block blocks modules"
    " sequential structure topology trunk backbone"
)
_OTHERS: Final = SKIPS | ACTIVATIONS | word_set("transformer maxout kan fourier rff ntk")

_PLACES: Final = word_set("path paths file files folder dir url checkpoint checkpointing")
"""Words of what is called after something else."""

_DEEPEST: Final = 8  # levels


def require_relu(value: Any, networks: Iterable[Any], depth: int | None = None) -> None:
    """Refuse what says, beside networks, that they have other activations or skipped connections.

    Parameters
    ----------
    value : mapping, list or anything
        A checkpoint.
    networks : iterable
        The parts of it that are read as networks.
    depth : int, optional
        How many layers they have, of which a list may name the activations.

    Raises
    ------
    ValueError
        A text under a name of activations that is not ReLU (nothing, for those of outputs), one
        that is the name of another, None where none is ReLU, an architecture that is called after
        others, a slope for negative numbers; other activations, skipped connections or
        normalisations that are switched on, or ReLU off; how layers are scaled by their widths, and
        how inputs are prepared.
    """
    against = first_against(value, networks, depth)
    if against is not None:
        path, said = against
        raise ValueError(
            f"`model` holds {path!r} = {said!r} beside the network, but ReLU would be assumed"
            " between its layers and nothing after the last; convert the module itself by"
            " from_torch, which evaluates it, or save its state_dict alone if that is not of it"
        )


def first_against(
    value: Any, networks: Iterable[Any], depth: int | None = None
) -> tuple[str, Any] | None:
    """Return the name and the value of what `require_relu` refuses; None if there is nothing."""
    known = {id(one) for one in networks}
    found = list(_said(value, "", "", known, {}, _DEEPEST))
    # None beside ReLU is that of the last layer
    has_relu = any(is_activation(name) and "relu" in str(said).lower() for _, name, said in found)
    for path, name, said in found:
        if said is None and has_relu:
            continue
        if _is_against(frozenset(spelled(name)), said, depth):
            return path, said
    return None


def _said(
    value: Any,
    path: str,
    name: str,
    networks: set[int],
    seen: dict[Any, tuple[int, Any]],
    levels: int,
) -> Iterator[tuple[str, str, Any]]:
    """Yield the texts and numbers beside networks: where they are, what they are called.

    `seen` has what was looked at by such a name, and how many levels deep.
    """
    if id(value) in networks or not levels:
        return
    if is_object(value) and is_of_training(name):
        return  # a logger leads to all others
    if not isinstance(value, str | int | float | None):
        # objects lead to one another in rings; names joined on many paths have the same words
        words = frozenset(spelled(name))
        mark = id(value), words, is_at_end(path), None if is_object(value) else levels
        if seen.get(mark, (0,))[0] >= levels:
            return
        seen[mark] = levels, value  # kept, or another could come to lie there
    value = told(value)
    if isinstance(value, str | bool | int | float):
        yield path, name, value
        _require_short(value, path, name)
        held = opened(value)
        if held is not value:
            yield from _said(held, path, name, networks, seen, levels - 1)
    elif isinstance(value, Mapping):
        for where, number in parameters(value, path) if is_activation(name) else ():
            yield where, "negative slope", number
        for key, entry in value.items():
            below = f"{path}.{key}".removeprefix(".")
            yield from _said(entry, below, called(name, key), networks, seen, levels - 1)
    elif (is_activation(name) and are_named(value)) or (value is None and is_of_layers(path, name)):
        yield path, name, value
    elif isinstance(value, list | tuple):
        parts = [entry for entry in value if not isinstance(entry, int | float)]
        # words of a command line
        are_words = bool(value) and all(isinstance(entry, str) for entry in value)
        line = [" ".join(value)] if are_words else []
        for entry in parts + line:
            yield from _said(entry, path, name, networks, seen, levels - 1)


def _require_short(value: Any, path: str, name: str) -> None:
    """Refuse texts that are too long for settings, but for logs of training."""
    if isinstance(value, str) and len(value) > LONGEST and not is_of_record(name):
        raise ValueError(
            f"`model` holds {path!r}, a text of {len(value)} letters, beside the network: settings"
            f" in it may say another function, and more than {LONGEST} letters are not searched for"
            " them; save the state_dict of the network alone"
        )


def called(name: str, key: Any) -> str:
    """Return what an entry of a mapping is called; the name of an activation, or of that of some
    layers, may be an entry of its own, and so may be the nonlinearity in a rule of first weights.
    """
    is_rule = key == "nonlinearity" and is_before_training(spelled(name))
    is_inner = key in _CALLED or is_rule or (is_activation(name) and is_where(key))
    return f"{name} {key}" if is_inner else str(key)


def _is_against(words: frozenset[str], said: Any, depth: int | None) -> bool:
    """Whether an entry whose name has these words speaks against ReLU between layers."""
    if is_before_training(words) and "subtract" not in words:
        return False
    if said is None:
        return True
    if isinstance(said, bool | int | float):
        return is_switched(words, said)
    if not words.isdisjoint(_PLACES):
        return False
    if is_called_so(words):
        return is_other(words, said, depth)
    return is_written(said) or _names_others(words, said)


def _names_others(words: frozenset[str], said: str) -> bool:
    """Whether a text is one of another architecture under the name of a model, of another
    activation, of what is done to inputs or to layers.
    """
    if _FITTED.match(said):
        return True
    found = frozenset(spelled(said))
    if not words.isdisjoint(TRAINING) or not found:
        return False
    if is_scaled_by_sizes(words, said):
        return True
    if _is_other_activation(words, said) or _is_other_layer(words, found):
        return True
    if not words.isdisjoint(MODELS):
        return not _OTHERS.isdisjoint(architectures(bare(said))) or found == {"deep", "linear"}
    is_prepared = not words.isdisjoint(PREPARED) or {"feature", "map"} <= words
    return is_prepared and found.isdisjoint(OFF | TRAINING)


def _is_other_activation(words: frozenset[str], said: str) -> bool:
    """Whether a text is the name of another activation under a name of what has one."""
    if "value" in words and frozenset(spelled(said)) <= _OTHERS | {"relu"}:
        return not _OTHERS.isdisjoint(spelled(said))
    return is_named_alone(words, said)


def _is_other_layer(words: frozenset[str], found: frozenset[str]) -> bool:
    """Whether the words of a text say how layers are scaled, normalised or skipped."""
    if not words.isdisjoint(SCALED) and (found & _OTHER_SCALES or {"mean", "field"} <= found):
        return True
    if "norm" in words and (found <= _NORMS or found in _RANGES):
        return True
    return is_switch(words) and found <= ON
