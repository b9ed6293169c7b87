"""Layers in alphabetical order: JAX sorts the names of whatever it maps over, and json those of
what it writes by sort_keys, so that the order of layers says nothing of that in which they are
applied. A state dict of PyTorch has weights before biases: where biases come first, names were
sorted.

Where their shapes fit in other orders as well, names must tell: by numbers, or by single letters.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, groupby
from typing import Any, Final

from univariate.common.nets.layer_order import PERMUTED, fits, orders, rises, shapes_of
from univariate.common.nets.named_layers import KINDS, NamedLayers

_COUNTS: Final = re.compile(r"\d+|(?<![A-Za-z])[A-Za-z](?![A-Za-z])")
"""What counts in names: numbers, and letters that stand alone, as in block_a."""


def are_sorted(model: Mapping[Any, Any]) -> bool:
    """Whether a state dict holds layers in alphabetical order, their biases, if there are any,
    before their weights; those of kernels may come as they like. What PyTorch made is not sorted.
    """
    if isinstance(model, OrderedDict) and "_metadata" in vars(model):
        return False
    names = [str(name).split(".") for name in model]
    layers = [name[:-1] for name in names if name[-1] in ("kernel", "weight")]
    if len(layers) < 3 or layers != sorted(layers):
        return False
    kinds = {name[-1] for name in names}
    own = [name for name in names if name[-1] in KINDS]
    return "kernel" in kinds or own == sorted(own)


def require_told(found: NamedLayers, say: str) -> None:
    """Refuse layers whose shapes fit in another order that nothing in their names speaks against;
    `say` is how else to say that theirs is meant.

    Raises
    ------
    ValueError
        Such an order, with what to do.
    """
    declared = tuple(found)
    rival = next((one for one in _rivals(found) if one != declared and _may_be(one)), None)
    if rival is not None:
        raise ValueError(
            f"`model` must have layers in a known order, got {shapes_of(found)} as (outputs,"
            " inputs), in alphabetical order, in which JAX puts them and json by sort_keys,"
            " whatever the order in which they are applied;"
            f" {' -> '.join(map(repr, rival))} fits as well; number them as they are applied, as"
            f" Dense_0 and Dense_1, or {say}"
        )


def _rivals(layers: NamedLayers) -> Iterable[tuple[str, ...]]:
    """Return the orders in which layers fit; of many, those that change the places of two."""
    return orders(layers) if len(layers) <= PERMUTED else _changed(layers)


def _changed(layers: NamedLayers) -> Iterator[tuple[str, ...]]:
    names = list(layers)
    counted = list(map(_counted, names))
    for i, j in combinations(range(len(names)), 2):
        if not rises((counted[j], counted[i])):
            continue  # against their numbers, whatever is between
        order = names.copy()
        order[i], order[j] = order[j], order[i]
        if fits(layers, tuple(order)):
            yield tuple(order)


def _may_be(order: tuple[str, ...]) -> bool:
    """Whether names may be in this order: numbers rise, dense coming before dense_1, and layers of
    one module are not taken apart.
    """
    modules = [module for module, _ in groupby(name.rpartition(".")[0] for name in order)]
    return len(set(modules)) == len(modules) and rises(map(_counted, order))


def _counted(name: str) -> tuple[str, tuple[int, ...]]:
    """Return a name without what counts in it, and that as numbers."""
    stem = _COUNTS.sub("#", name).removesuffix("#").removesuffix("_")
    counts = _COUNTS.findall(name)
    return stem, tuple(int(one) if one.isdecimal() else ord(one) for one in counts)
