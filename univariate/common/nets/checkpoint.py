"""Checkpoints: which of their entries are networks, and whether others may belong to one.

A network is a state dict, flat or with a mapping for each layer. What else a checkpoint holds must
be known to be of training: a float tensor of another name may scale inputs or outputs, and the
network without it would be another function.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from univariate.common.nets.between import require_relu
from univariate.common.nets.layer_order import orders
from univariate.common.nets.named_layers import KINDS, grouped
from univariate.common.nets.nested_layers import entries_of, has_nested_layers, is_layer, leaves
from univariate.common.nets.siblings import require_of_training

_BIAS: Final = "bias"
DEEPEST: Final = 4
"""Levels of a checkpoint that are looked into."""

OTHER: Final[Mapping[Any, Any]] = {}
"""Stands in a list for a part that is not asked, so that those after it keep their numbers."""

_NUMBERED: Final = re.compile(
    r"(?:(?P<weight>w|weights?)|b|bias|biases)_?(?P<number>\d+)", re.IGNORECASE
)
"""Arrays of a layer that are called after its number."""


class Found(NamedTuple):
    """A state dict, and the names that lead to it."""

    path: str
    within: Any
    """The part of the checkpoint that holds it."""
    state_dict: Mapping[Any, Any]


def networks_of(
    model: Mapping[Any, Any], *, loose: bool = False, key: str | None = None
) -> dict[str, Mapping[Any, Any]]:
    """Return the state dicts in a checkpoint, by the names that lead to them; if they are `loose`,
    whole ones, of whatever networks. What stands beside those that `key` does not name is not
    asked, see `branch_of`.

    Raises
    ------
    ValueError
        Numbers beside them that may belong to a network, or settings with another activation;
        layers beside networks in one state dict, unless they may be `loose`.
    """
    found: dict[str, Mapping[Any, Any]] = {}
    known: list[Any] = []
    for path, within, state_dict in state_dicts(model):
        parts: Mapping[str, Mapping[Any, Any]] = _parts(state_dict)
        whole: dict[str, Mapping[Any, Any]] = {"": state_dict}
        for name, part in (whole if loose or not parts else parts).items():
            found[".".join(filter(None, (path, name)))] = part
        known.append(within)
        if parts:  # else every entry is looked at as one of a layer
            require_of_training({n: e for n, e in state_dict.items() if not is_of_layer(n)}, [])
            if not loose:
                _require_none_beside(state_dict, parts)
    if found:
        asked = branch_of(model, key)
        require_of_training(asked, known)
        depths = {sum(map(is_weight, part)) for part in found.values()}
        require_relu(asked, known, depths.pop() if len(depths) == 1 else None)
    return found


def branch_of(model: Mapping[Any, Any], key: str | None) -> Mapping[Any, Any]:
    """Return a checkpoint without the parts that hold other networks than the one of a key, and
    what stands beside those; the whole if the key names none, or several.
    """
    if not key:
        return model
    places: dict[str, Any] = {}
    for path, within, state_dict in state_dicts(model):
        for part in _parts(state_dict) or [""]:
            places[".".join(filter(None, (path, part)))] = within
    able = named_so(places, key)
    found = _branch(model, places[able[0]], DEEPEST) if len(able) == 1 else model
    return found if isinstance(found, Mapping) else model


def named_so(names: Iterable[str], key: str) -> list[str]:
    """Return the names that are a key, or if there are none end in it."""
    known = list(names)
    return [name for name in known if name == key] or [
        name for name in known if name.endswith(f".{key}")
    ]


def _branch(value: Any, network: Any, levels: int) -> Any:
    """Return a part of a checkpoint that holds a network, without parts that hold others alone."""
    if value is network or not levels:
        return value
    kept: dict[Any, Any] = {}
    for name, entry in entries_of(value):
        inside = [found.within for found in state_dicts(entry)]
        if any(one is network for one in inside):
            kept[name] = _branch(entry, network, levels - 1)
        else:
            kept[name] = OTHER if inside else entry
    if isinstance(value, Mapping):
        return {name: entry for name, entry in kept.items() if entry is not OTHER}
    return list(kept.values()) if kept else value


def _require_none_beside(
    state_dict: Mapping[Any, Any], parts: Mapping[str, Mapping[Any, Any]]
) -> None:
    """Refuse layers beside networks in one state dict, which these may share."""
    inside = {name for part in parts.values() for name in part}
    others = [name for name in state_dict if is_of_layer(name) and name not in inside]
    if others:
        raise ValueError(
            f"`model` holds {others[0]!r} beside the networks {', '.join(map(repr, parts))}, to"
            " which it may belong; save the state_dict of one network alone, or convert the module"
            " itself by from_torch"
        )


def flat(model: Any) -> Mapping[Any, Any]:
    """Return a mapping with its layers as <layer>.weight, …, if it has a mapping for each, or
    arrays W1, b1, W2, b2, ….
    """
    return dict(leaves(model, "")) if has_nested_layers(model) else _of_numbered(model)


def dotted(model: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return arrays called params/Dense_0/kernel or dense/kernel:0, as Flax and Keras join names,
    as params.Dense_0.kernel and dense.kernel; a mapping without them as it is.
    """
    names = [_dotted(name) for name in model]
    if names == list(model) or len(set(names)) < len(names):
        return model
    return dict(zip(names, model.values(), strict=True))


def _dotted(name: Any) -> Any:
    joined = str(name).removesuffix(":0").replace("/", ".")
    return joined if "/" in str(name) and is_of_layer(joined) else name


def _of_numbered(model: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return arrays W1, b1, … as W1.weight, W1.bias, …; a mapping without them as it is."""
    found = {name: _NUMBERED.fullmatch(str(name)) for name in model}
    if not any(match and match["weight"] for match in found.values()):
        return model
    names = [
        f"W{match['number']}.{'weight' if match['weight'] else 'bias'}" if match else name
        for name, match in found.items()
    ]
    return dict(zip(names, model.values(), strict=True)) if len(set(names)) == len(names) else model


def is_of_layer(name: Any) -> bool:
    """Whether an entry is called as one of a layer."""
    return str(name).rpartition(".")[2] in KINDS


def is_weight(name: Any) -> bool:
    """Whether an entry is called as the weights of a layer."""
    return is_of_layer(name) and not str(name).endswith(_BIAS)


def state_dicts(model: Any) -> Iterator[Found]:
    """Yield the state dicts in a checkpoint, which may be called for several networks each."""
    yield from _state_dicts(model, "", DEEPEST, {})


def _state_dicts(
    value: Any, path: str, levels: int, barren: dict[tuple[int, int], Any]
) -> Iterator[Found]:
    """Yield the state dicts in a part of a checkpoint.

    `barren` has the parts so far that hold none, by where they lie in memory: a part may be in
    several places.
    """
    mark = id(value), levels
    if mark in barren:
        return
    layers = _of_numbered(value) if isinstance(value, Mapping) else {}
    if any(is_of_layer(name) and _is_matrix(entry) for name, entry in layers.items()):
        yield Found(path, value, layers)
        return
    if has_nested_layers(value) and not _are_linear(value):
        yield Found(path, value, flat(value))
        return
    empty = True
    for name, entry in entries_of(value) if levels else []:
        below = f"{path}.{name}".removeprefix(".")
        for found in _state_dicts(entry, below, levels - 1, barren):
            empty = False
            yield found
    if empty:
        barren[mark] = value


def _is_matrix(value: Any) -> bool:
    """Whether an array is of a layer, and not the weights of classes in a loss."""
    if isinstance(value, list):
        return isinstance(next(iter(value), None), list)
    return len(getattr(value, "shape", ())) > 1


def _are_linear(value: Any) -> bool:
    """Whether layers are all of one output, each a network without ReLU."""
    parts = [part for _, part in entries_of(value)]
    return all(map(is_layer, parts)) and all(
        len(layer[0]) == 1 for part in parts for layer in _grouped(part).values()
    )


def _grouped(part: Mapping[Any, Any]) -> Mapping[str, Any]:
    try:
        plain = {n: entry for n, entry in part.items() if not isinstance(entry, str | None)}
        return grouped(plain)
    except (ValueError, TypeError):
        return {}


def _parts(model: Mapping[Any, Any]) -> dict[str, dict[Any, Any]]:
    """Return the networks whose entries share their first names, if there are several such, as in
    model.0.weight, …, ema.0.weight, …; otherwise nothing.
    """
    groups: dict[str, dict[Any, Any]] = {}
    common = _common_prefix([str(name) for name in model])
    for name, value in model.items():
        head, point, _ = str(name).removeprefix(common).partition(".")
        groups.setdefault(common + head if point else "", {})[name] = value
    nets = {name: part for name, part in groups.items() if _is_network(part)}
    return nets if len(nets) > 1 else {}


def _common_prefix(names: list[str]) -> str:
    """Return the names of modules that all entries begin with, as of DataParallel and Lightning."""
    common = ""
    while True:
        heads = {name.removeprefix(common).partition(".")[0] for name in names}
        deeper = all(name.removeprefix(common).count(".") > 1 for name in names)
        if len(heads) != 1 or not deeper:
            return common
        common += f"{heads.pop()}."


def _is_network(part: Mapping[Any, Any]) -> bool:
    """Whether entries are two layers or more that fit one another and end in one output."""
    layers = dict(_grouped(part))
    return len(layers) > 1 and bool(orders(layers))
