"""State dicts: names of tensors to linear layers, in the order in which they fit.

A state dict does not say which activations are between its layers; ReLU is assumed. Where a
checkpoint holds several networks, one is asked for, never chosen. Layers of one output before the
last fit as a chain and as branches, and are refused unless nn.Sequential has numbered them.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from univariate.common.nets.activation_names import is_called_so, is_other
from univariate.common.nets.checkpoint import dotted, flat, named_so, networks_of
from univariate.common.nets.layer_names import against_chain, is_called_otherwise
from univariate.common.nets.layer_order import in_order, shapes_of
from univariate.common.nets.named_layers import KERAS, NamedLayers, grouped
from univariate.common.nets.names import spelled
from univariate.common.nets.sorted_names import are_sorted, require_told

_REMEDY: Final = "convert the module itself by from_torch, which evaluates it, and save the net"
_FOLLOW: Final = (
    "key='' (--net-key '') that each of these layers takes what the one before gives, with ReLU"
    " between"
)
_SAY: Final = {False: "say", True: "save these layers alone and say"}
"""By whether others are beside them, which key='' takes as well."""


def layers_of_state_dict(
    model: Mapping[Any, Any], key: str | None = None, *, ordered: bool = True
) -> NamedLayers:
    """Return name → (weight, bias or None) of every linear layer, first layer first.

    Parameters
    ----------
    model : mapping
        Names → tensors, or a checkpoint that holds such a mapping under whatever name. A layer is
        <layer>.weight and <layer>.bias as in PyTorch, or <layer>.kernel, transposed, as in Flax
        and Keras, whose names may be joined by /; it may be a mapping of its own, or arrays W1, b1
        with its number.
    key : str, optional
        Which network of a checkpoint that holds several: the names that lead to it, joined by
        points, or the last of them; "" for all layers of the mapping itself, or of the only state
        dict in it, one after the other.
    ordered : bool
        Whether the order of entries is that of layers. Then it is kept if the shapes fit, the last
        layer has one output and numbers in names do not contradict it; else the only order in which
        that is so is taken, where biases tell that weights are not transposed.

    Raises
    ------
    ValueError
        Several networks and no key, or an unknown one; entries that are not weights and biases, or
        numbers beside a network that may belong to it; layers that do not fit together, or in
        several orders where none is known, as of kernels in alphabetical order without numbers, or
        against the numbers in their names, or with one output before the last, which may be
        branches, unless nn.Sequential has numbered them; names of layers that are no chain, names
        or settings with another activation.
    """
    model = dotted(model)
    networks = networks_of(model, loose=key == "", key=key)
    _require_no_keras([model, *networks.values()])
    if key == "":  # someone says that they follow one another
        # of the only state dict, wherever a checkpoint holds it
        inner = list(networks.values()) if "" not in networks and len(networks) == 1 else [model]
        return _in_order(flat(inner[0]), ordered=ordered)
    several = len(networks) > 1
    if key is not None:
        networks = _chosen(networks, key)
    if len(networks) > 1:
        names = ", ".join(map(repr, networks))
        first = next(iter(networks))
        raise ValueError(
            f"`model` holds several networks, {names}; say which one by key={first!r} (--net-key"
            f" {first}), or put them into one state_dict if one takes what another gives"
        )
    path, network = next(iter(networks.items()), ("", model))
    if is_called_otherwise(path):
        raise ValueError(
            f"`model` holds the network {path!r}, by its name of another kind, but ReLU would be"
            " assumed between its layers; convert the module itself by from_torch, which evaluates"
            " it, or save its state_dict alone if that is between them"
        )
    return _chain(network, _SAY[several], ordered=ordered)


def _chain(network: Mapping[Any, Any], say: str, *, ordered: bool) -> NamedLayers:
    """Return layers in order; refuse one output before the last layer, which other nets have, too:
    those with a skipped connection, with branches that are added, with a scale at the end. Layers
    that nn.Sequential has numbered follow one another, whatever their widths.
    """
    found = _in_order(network, ordered=ordered)
    remedy = f"{_REMEDY}, or {say} by {_FOLLOW}"
    narrow = [name for name in list(found)[:-1] if len(found[name][0]) == 1]
    if narrow and not _are_sequential(list(found)):
        raise ValueError(
            "`model` must have more than one output in all layers but the last, got one in"
            f" {narrow[0]!r} of {shapes_of(found)} as (outputs, inputs), which may also be a"
            f" branch, a skipped connection or a scale; {remedy}"
        )
    square = [name for name, (weight, _) in found.items() if len(weight) == weight.shape[1]]
    reason = against_chain(list(found), square)
    if reason is not None:
        raise ValueError(
            "`model` must have layers that follow one another with ReLU between, got"
            f" {reason}, of {shapes_of(found)} as (outputs, inputs); {remedy} (adapters must be"
            " merged before)"
        )
    if ordered and are_sorted(network):
        require_told(found, f"{say} by {_FOLLOW}")
    return found


def _in_order(network: Mapping[Any, Any], *, ordered: bool) -> NamedLayers:
    """Return layers in order; refuse those that say that they have another activation than ReLU, or
    that one comes after the last.
    """
    said = {name: one for name, one in network.items() if _is_activation(name, one)}
    rest = {name: one for name, one in network.items() if name not in said}
    found = in_order(grouped(rest), ordered=ordered)
    *_, last = found or [""]
    for name, one in said.items():
        place = "output" if str(name).rpartition(".")[0] == last else "hidden"
        if is_other(frozenset({"activation", place}), "none" if one is None else one, None):
            raise ValueError(
                "`model` must have layers with ReLU between and nothing after the last, got"
                f" {name!r} = {one!r}; convert the module itself by from_torch, which evaluates it,"
                " or build the net of arrays"
            )
    return found


def _is_activation(name: Any, value: Any) -> bool:
    """Whether an entry of a layer is the name of its activation, as in records of layers."""
    last = str(name).rpartition(".")[2]
    return isinstance(value, str | None) and is_called_so(frozenset(spelled(last)))


def _chosen(networks: dict[str, Mapping[Any, Any]], key: str) -> dict[str, Mapping[Any, Any]]:
    """Return the one network of a name."""
    able = named_so(networks, key)
    if len(able) == 1:
        return {able[0]: networks[able[0]]}
    if list(networks) in ([], [""]):
        raise ValueError(
            f"`model` has no network {key!r}, it has none with a name; leave out key (--net-key)"
        )
    names = ", ".join(map(repr, networks))
    raise ValueError(f"`model` has no network {key!r}, it has {names}; choose one of these")


def _require_no_keras(parts: list[Mapping[Any, Any]]) -> None:
    """Refuse the state dict of a Keras model, which has each tensor under several names."""
    if any("_torch_params" in str(name).split(".") for part in parts for name in part):
        raise ValueError(
            "`model` must have each tensor once, got a state_dict of the torch backend of Keras,"
            f" which has each under several names ('_torch_params'); {KERAS}"
        )


def _are_sequential(names: list[str]) -> bool:
    """Whether names are those that nn.Sequential gives to layers with something between them, as
    0, 2, 4 or net.0, net.3.
    """
    parts = [name.rpartition(".") for name in names]
    if len({stem for stem, _, _ in parts}) > 1 or not all(last.isdecimal() for *_, last in parts):
        return False
    return all(int(b[2]) - int(a[2]) > 1 for a, b in pairwise(parts))
