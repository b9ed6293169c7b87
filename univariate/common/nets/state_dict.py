"""State dicts: names of tensors to linear layers, in the order in which they fit.

A state dict does not say which activations are between its layers; ReLU is assumed. Where a
checkpoint holds several networks, one is asked for, never chosen. Layers of one output before the
last fit as a chain and as branches, and are refused unless nn.Sequential has numbered them.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise, permutations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.check import real_array
from univariate.common.nets.rewritten import undoing

Layer = tuple[NDArray[np.float64], NDArray[np.float64] | None]
NamedLayers = dict[str, Layer]

_PERMUTED: Final = 6  # layers, up to which all orders are looked at
_DEEPEST: Final = 4  # levels of a checkpoint that are looked into
_COUNTS: Final = ("n_averaged",)
"""Entries that training averages leave, and that change nothing."""


def layers_of_state_dict(
    model: Mapping[Any, Any], key: str | None = None, *, ordered: bool = True
) -> NamedLayers:
    """Return name → (weight, bias or None) of every linear layer, first layer first.

    Parameters
    ----------
    model : mapping
        Names → tensors, or a checkpoint that holds such a mapping under whatever name.
    key : str, optional
        Which network of a checkpoint that holds several: the names that lead to it, joined by
        points, or the last of them; "" for all layers of the mapping itself, one after the other.
    ordered : bool
        Whether the order of entries is that of layers. Then it is kept if the shapes fit and the
        last layer has one output; else the only order in which that is so is taken.

    Raises
    ------
    ValueError
        Several networks and no key, or an unknown one; entries that are not weights and biases;
        layers that do not fit together, or in several orders where none is known, or with one
        output before the last, which may be branches, unless nn.Sequential has numbered them.
    """
    networks = _networks(model)
    if key == "":  # someone says that they follow one another
        return in_order(grouped(model), ordered=ordered)
    if key is not None:
        return _chain(grouped(_chosen(networks, key)), ordered=ordered)
    if len(networks) > 1:
        names = ", ".join(map(repr, networks))
        first = next(iter(networks))
        raise ValueError(
            f"`model` holds several networks, {names}; say which one by key={first!r} (--net-key"
            f" {first})"
        )
    return _chain(grouped(next(iter(networks.values()), model)), ordered=ordered)


def _chain(layers: NamedLayers, *, ordered: bool) -> NamedLayers:
    """Return layers in order; refuse one output before the last layer, which other nets have, too:
    those with a skipped connection, with branches that are added, with a scale at the end. Layers
    that nn.Sequential has numbered follow one another, whatever their widths.
    """
    found = in_order(layers, ordered=ordered)
    narrow = [name for name in list(found)[:-1] if len(found[name][0]) == 1]
    if narrow and not _are_sequential(list(found)):
        raise ValueError(
            "`model` must have more than one output in all layers but the last, got one in"
            f" {narrow[0]!r} of {_shapes(layers)} as (outputs, inputs), which may also be a branch,"
            " a skipped connection or a scale; convert the module itself by from_torch, which"
            " evaluates it, and save the net, or say by key='' (--net-key '') that each of these"
            " layers takes what the one before gives, with ReLU between"
        )
    return found


def _networks(model: Mapping[Any, Any]) -> dict[str, Mapping[Any, Any]]:
    """Return the state dicts in a checkpoint, by the names that lead to them."""
    found: dict[str, Mapping[Any, Any]] = {}
    for path, mapping in _state_dicts(model, "", _DEEPEST):
        parts: Mapping[str, Mapping[Any, Any]] = _parts(mapping)
        whole: dict[str, Mapping[Any, Any]] = {"": mapping}
        for name, part in (parts or whole).items():
            found[".".join(filter(None, (path, name)))] = part
    return found


def _state_dicts(
    value: Mapping[Any, Any], path: str, levels: int
) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    if any(_is_weight(name, entry) for name, entry in value.items()):
        yield path, value
        return
    for name, entry in value.items():
        if levels and isinstance(entry, Mapping):
            yield from _state_dicts(entry, f"{path}.{name}".removeprefix("."), levels - 1)


def _is_weight(name: Any, value: Any) -> bool:
    last = str(name).rpartition(".")[2]
    return last in ("weight", "bias") and (hasattr(value, "shape") or isinstance(value, list))


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
    try:
        layers = grouped(part)
    except (ValueError, TypeError):
        return False
    return len(layers) > 1 and bool(orders(layers))


def _chosen(networks: dict[str, Mapping[Any, Any]], key: str) -> Mapping[Any, Any]:
    """Return the network of a name."""
    able = [name for name in networks if name == key]
    able = able or [name for name in networks if name.endswith(f".{key}")]
    if len(able) == 1:
        return networks[able[0]]
    if list(networks) == [""]:
        raise ValueError(
            f"`model` has no network {key!r}, it is a single one without a name; leave out key"
            " (--net-key)"
        )
    names = ", ".join(map(repr, networks)) or "none"
    raise ValueError(f"`model` has no network {key!r}, it has {names}; choose one of these")


def grouped(model: Mapping[Any, Any]) -> NamedLayers:
    """Return the layers of a state dict, as declared."""
    grouped: dict[str, dict[str, NDArray[np.float64]]] = {}
    for name, tensor in model.items():
        prefix, _, kind = str(name).rpartition(".")
        if kind in _COUNTS:
            continue
        if kind not in ("weight", "bias"):
            raise ValueError(
                f"`model` must hold only weights and biases of linear layers, got entry {name!r};"
                f" {undoing(model) or _remedy(kind, tensor)}"
            )
        grouped.setdefault(prefix, {})[kind] = real_array(str(name), tensor)
    return {prefix: _layer(prefix, parts) for prefix, parts in grouped.items()}


def _layer(prefix: str, parts: dict[str, NDArray[np.float64]]) -> Layer:
    if "weight" not in parts:
        raise ValueError(
            f"`model` has a bias without a weight in layer {prefix!r}; add or remove it"
        )
    weight = parts["weight"]
    bias = parts.get("bias")
    if weight.ndim == 1:
        raise ValueError(
            f"`model` layer {prefix!r} must have a 2-d weight, got shape {weight.shape}, as of"
            " PReLU or a normalisation; pass the module itself, which is evaluated"
        )
    if weight.ndim != 2 or weight.size == 0:
        raise ValueError(
            f"`model` layer {prefix!r} must have a 2-d weight, got shape {weight.shape}; use"
            " Linear layers"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"`model` layer {prefix!r} must have one bias for each of its {len(weight)} outputs,"
            f" got shape {bias.shape}; check which layer it is of"
        )
    return weight, bias


def _remedy(kind: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return "pass the mapping that holds the layers"
    if kind.startswith("running_") or kind == "num_batches_tracked":
        return (
            "pass the module itself, in which the normalisation layer is folded into the linear one"
            " as in evaluation"
        )
    if kind in ("kernel", "bias"):
        return "Flax and Keras store transposed weights; pass kernel.T as <layer>.weight"
    return (
        "call parameters as nn.Linear does, <layer>.weight and <layer>.bias, or build the net from"
        " its arrays"
    )


def _are_sequential(names: list[str]) -> bool:
    """Whether names are those that nn.Sequential gives to layers with something between them, as
    0, 2, 4 or net.0, net.3.
    """
    parts = [name.rpartition(".") for name in names]
    if len({stem for stem, _, _ in parts}) > 1 or not all(last.isdecimal() for *_, last in parts):
        return False
    return all(int(b[2]) - int(a[2]) > 1 for a, b in pairwise(parts))


def in_order(layers: NamedLayers, *, ordered: bool) -> NamedLayers:
    """Return layers as declared if every one fits the next and the last has one output, or in the
    only such order.

    Where several orders fit, that of numbers in names decides, if they count from the first layer
    on; ValueError if the order of declaration, if it counts, is another.
    """
    declared = tuple(layers)
    able = orders(layers) if ordered or len(layers) <= _PERMUTED else _by_number(layers)
    if ordered and not able and fits(layers, declared):
        return layers  # with several outputs, of which others complain
    if not able:
        raise misfit(layers)
    if len(able) > 1:
        numbered = [order for order in able if _numbered(order)]
        able = [
            order
            for order in numbered
            if (order == declared if ordered else _from_the_first(order))
        ]
    if len(able) != 1:
        raise misfit(layers, several=True)
    return {name: layers[name] for name in able[0]}


def _by_number(layers: NamedLayers) -> list[tuple[str, ...]]:
    """Return the order of numbers in the names of many layers, if nothing else differs in them and
    the layers fit in it.
    """
    names = sorted(layers, key=lambda name: [*map(int, re.findall(r"\d+", name))])
    alike = len({re.sub(r"\d+", "#", name) for name in names}) == 1
    good = alike and fits(layers, tuple(names)) and len(layers[names[-1]][0]) == 1
    return [tuple(names)] if good else []


def orders(layers: NamedLayers) -> list[tuple[str, ...]]:
    """Return the orders in which layers fit and the last has one output, as declared first."""
    declared = tuple(layers)
    orders = permutations(declared) if len(declared) <= _PERMUTED else iter((declared,))
    return [
        order
        for order in orders
        if order and fits(layers, order) and len(layers[order[-1]][0]) == 1
    ]


def fits(layers: NamedLayers, order: tuple[str, ...]) -> bool:
    """Whether each layer has as many inputs as the one before has outputs."""
    return all(len(layers[a][0]) == layers[b][0].shape[1] for a, b in pairwise(order))


def _numbered(order: tuple[str, ...]) -> bool:
    """Whether names that differ in their numbers alone come in the order of these."""
    last: dict[str, tuple[int, ...]] = {}
    for name in order:
        stem = re.sub(r"\d+", "#", name)
        place = tuple(map(int, re.findall(r"\d+", name)))
        if last.get(stem, ()) > place:
            return False
        last[stem] = place
    return True


def _from_the_first(order: tuple[str, ...]) -> bool:
    """Whether the names that only numbers tell apart are those of the first layers.

    Other numbers may as well count down, as those of decoders do.
    """
    stems = [re.sub(r"\d+", "#", name) for name in order]
    return all(stem == stems[0] or stems.count(stem) == 1 for stem in stems)


def _shapes(layers: NamedLayers) -> str:
    return ", ".join(f"{name!r} {weight.shape}" for name, (weight, _) in layers.items())


def misfit(layers: NamedLayers, *, several: bool = False) -> ValueError:
    """Return what is wrong with layers that have no order, or several."""
    shapes = _shapes(layers)
    if several:
        return ValueError(
            f"`model` must have layers in a known order, got {shapes} as (outputs, inputs), which"
            " fit together in several; number them as they are applied, or convert the module"
            " itself by from_torch"
        )
    return ValueError(
        f"`model` must have layers that fit together, the last with one output, got {shapes} as"
        " (outputs, inputs); put them in the order in which they are applied"
    )
