"""The order of layers, from shapes, from numbers in names and from the order of declaration."""

import re
from collections.abc import Iterable
from itertools import pairwise, permutations
from typing import Final

from univariate.common.nets.named_layers import NamedLayers, turned

PERMUTED: Final = 6  # layers, up to which all orders are looked at


def in_order(layers: NamedLayers, *, ordered: bool) -> NamedLayers:
    """Return layers in the order in which every one fits the next and the last has one output.

    Where several orders fit, that of declaration is taken if it counts, is among them and numbers
    in names do not contradict it; if it does not count or does not fit, that of numbers, if they
    count from the first layer on. Transposed weights fit one another in reverse: where no bias
    tells outputs from inputs, a single order must be that of declaration or numbers, too, and not
    against a declaration that fits if all are transposed. A layer without a number comes between
    numbered ones if it is declared there.

    Raises
    ------
    ValueError
        No such order, or several, or one that numbers in names contradict.
    """
    declared = tuple(layers)
    able = orders(layers, ordered=ordered)
    if ordered and not able and fits(layers, declared):
        return layers  # with several outputs, of which others complain
    if not able:
        raise misfit(layers)
    if len(able) > 1 or len(layers) > PERMUTED or not _are_oriented(layers):
        able = _told(layers, able, ordered=ordered)
    if _is_interrupted(able[0]) and not (ordered and able[0] == declared):
        raise misfit(layers, contradicted=True)
    return {name: layers[name] for name in able[0]}


def _told(
    layers: NamedLayers, able: list[tuple[str, ...]], *, ordered: bool
) -> list[tuple[str, ...]]:
    """Return the one of several orders that declaration and numbers tell; ValueError if none."""
    declared = tuple(layers)
    numbered = [order for order in able if _numbered(order)]
    if ordered and declared in numbered:
        return [declared]
    counts = ordered and declared in able
    others = orders(turned(layers), ordered=ordered)
    reverse = [order for order in others if _numbered(order) or (ordered and order == declared)]
    if reverse and (len(able) == 1 or not numbered or (ordered and declared in reverse)):
        raise _reversed(layers, reverse[0])
    if not numbered:
        raise misfit(layers, contradicted=True)
    if len(able) > 1:
        numbered = [] if counts else [order for order in numbered if _from_the_first(order)]
    if len(numbered) != 1:
        raise misfit(layers, several=True)
    return numbered


def _are_oriented(layers: NamedLayers) -> bool:
    """Whether a bias tells the outputs of some layer from its inputs."""
    return any(
        bias is not None and len(bias) != weight.shape[1] for weight, bias in layers.values()
    )


def _by_number(layers: NamedLayers) -> list[tuple[str, ...]]:
    """Return the order of numbers in the names of layers, if nothing else differs in them."""
    names = sorted(layers, key=lambda name: [*map(int, re.findall(r"\d+", name))])
    alike = len({re.sub(r"\d+", "#", name) for name in names}) == 1
    return [tuple(names)] if alike else []


def orders(layers: NamedLayers, *, ordered: bool = True) -> list[tuple[str, ...]]:
    """Return the orders in which layers fit and the last has one output, as declared first.

    Of many layers only that of numbers in their names is looked at, and that of declaration if it
    counts.
    """
    declared = tuple(layers)
    looked_at: Iterable[tuple[str, ...]] = permutations(declared)
    if len(declared) > PERMUTED:
        looked_at = dict.fromkeys([*[declared] * ordered, *_by_number(layers)])
    return [
        order
        for order in looked_at
        if order and fits(layers, order) and len(layers[order[-1]][0]) == 1
    ]


def fits(layers: NamedLayers, order: tuple[str, ...]) -> bool:
    """Whether each layer has as many inputs as the one before has outputs."""
    return all(len(layers[a][0]) == layers[b][0].shape[1] for a, b in pairwise(order))


def _numbered(order: tuple[str, ...]) -> bool:
    """Whether names that differ in their numbers alone come in the order of these."""
    return rises(
        (re.sub(r"\d+", "#", name), tuple(map(int, re.findall(r"\d+", name)))) for name in order
    )


def rises(parts: Iterable[tuple[str, tuple[int, ...]]]) -> bool:
    """Whether the numbers beside each stem of names rise, or stay."""
    last: dict[str, tuple[int, ...]] = {}
    for stem, place in parts:
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


def _is_interrupted(order: tuple[str, ...]) -> bool:
    """Whether a layer without a number comes between some that their numbers alone tell apart, as
    one of a branch, or of no use, does where nobody has declared it there.
    """
    stems = [re.sub(r"\d+", "#", name) for name in order]
    return any(
        "#" not in stem and set(stems[:k]) & set(stems[k + 1 :]) for k, stem in enumerate(stems)
    )


def shapes_of(layers: NamedLayers) -> str:
    """Return the names of layers and the shapes of their weights."""
    return ", ".join(f"{name!r} {weight.shape}" for name, (weight, _) in layers.items())


def misfit(layers: NamedLayers, *, several: bool = False, contradicted: bool = False) -> ValueError:
    """Return what is wrong with layers that have no order, several, or one against their names."""
    shapes = shapes_of(layers)
    if several:
        return ValueError(
            f"`model` must have layers in a known order, got {shapes} as (outputs, inputs), which"
            " fit together in several; number them as they are applied, or convert the module"
            " itself by from_torch"
        )
    if contradicted:
        return ValueError(
            "`model` must have layers that fit together in the order of their numbers, got"
            f" {shapes} as (outputs, inputs); number them as they are applied, or convert the"
            " module itself by from_torch"
        )
    others = orders(turned(layers))
    if others:
        return _reversed(layers, others[0])
    return ValueError(
        f"`model` must have layers that fit together, the last with one output, got {shapes} as"
        " (outputs, inputs); put them in the order in which they are applied, or convert the module"
        " itself by from_torch"
    )


def _reversed(layers: NamedLayers, order: tuple[str, ...]) -> ValueError:
    """Return what is said of layers that fit in the order of their names if they are transposed."""
    return ValueError(
        f"`model` must have weights of shape (outputs, inputs), got {shapes_of(layers)}, which fit"
        f" in the order {' -> '.join(map(repr, order))} if all are transposed, as those of Flax and"
        " Keras are; transpose them, or call weights <layer>.kernel and kernels <layer>.weight, or"
        " else put layers in the order in which they are applied and number them so"
    )
