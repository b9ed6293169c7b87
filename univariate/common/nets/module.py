"""PyTorch modules as layers with ReLU between them, by watching what they compute.

A module is evaluated, as a copy in double precision and evaluation mode. Every call of a part
without parts is recorded; what it does to its input, and what happens between one call and the
next, must be affine or one of ReLU, leaky ReLU, PReLU and |·| in each number at each point. Nothing
else is believed: neither the order of declaration nor names.

Where: on a grid, at powers of ten as far as the module's own type goes (2^500 in double precision),
on both sides, about the kinks of all layers, and where inputs, pre-activations or outputs are
constants that the module holds. What it does beyond the range of its type does not count. Some of
the points alone must have the values that they have among all, so that no row depends on others.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.check import real_array
from univariate.common.nets.difference import something_else
from univariate.common.nets.extent import constants_of, range_of
from univariate.common.nets.layer_order import in_order, orders
from univariate.common.nets.named_layers import NamedLayers, grouped
from univariate.common.nets.probes import Points, pre_activations, probing_points
from univariate.common.nets.program import (
    RELU,
    Affine,
    Bend,
    Step,
    layers_of_program,
    normalisation,
)
from univariate.common.nets.row_by_row import (
    AGREEMENT,
    LARGE,
    are_near,
    require_rows_alone,
    rounding,
)
from univariate.common.nets.watch import Call, first_look, other_kind, watched
from univariate.common.nets.wrappers import unwrapped

_ACTIVATIONS: Final = "torch.nn.modules.activation"
_KNOWN: Final = ("ReLU", "LeakyReLU", "PReLU", "RReLU")
_ULPS: Final = 4  # by which a quotient may miss the slope that it shows
_LOOKS: Final = 4  # a bend that points happen not to meet is seen once kinks are known


def layers_of_module(module: Any) -> NamedLayers:
    """Return name → (weight, bias or None) of layers with ReLU between them that compute what a
    module computes, first layer first.

    Exact but for leaky slopes, batch normalisation and linear layers in a row, see
    `univariate.common.nets.program`. Evidence, not proof: compared at some thousand points (fewer
    where layers have more than a thousand neurons), among them the kinks of all layers.

    Raises
    ------
    ValueError
        The module computes something else, or cannot be evaluated.
    """
    module = unwrapped(module)
    constants, largest = constants_of(module), range_of(module)
    points, calls, values = first_look(module)
    if not calls:
        return _by_comparison(module, points, values)
    steps = _program(points, calls, values)
    for _ in range(_LOOKS):
        layers = list(layers_of_program(steps).values())
        probes = probing_points(layers, constants, largest)
        calls, values = watched(module, probes)
        before, steps = steps, _program(probes, calls, values)
        if [type(step) for step in steps] == [type(step) for step in before]:
            require_rows_alone(module, probes, values, steps)
            return layers_of_program(steps)
    raise ValueError(
        "`model` must compute the same at all inputs, got other layers where its neurons switch;"
        " remove what depends on the input"
    )


def _program(points: Points, calls: list[Call], values: Points) -> list[Step]:
    """Return what a module does, step by step, to the points.

    Raises
    ------
    ValueError
        Something that is neither affine nor a bend, with where and by how much.
    """
    steps: list[Step] = []
    last, place = points, "before"
    for call in calls:
        link = _between(points, last, call.before, f"{place} {call.name!r}".strip())
        step = _step(points, call)
        affine = [isinstance(one, Affine) for one in (*steps[-1:], *step[:1])] == [True, True]
        if affine and not link and not np.any(call.before < 0.0):
            link = [RELU]  # nothing tells it from the identity
        steps += link + step
        last, place = call.after, f"between {call.name!r} and"
    return steps + _between(points, last, values, f"after {calls[-1].name!r}")


def _between(points: Points, before: Points, after: Points, place: str) -> list[Step]:
    found = _bend(before, after)
    if found is None:
        raise something_else(points, before, after, place)
    return found


def _step(points: Points, call: Call) -> list[Step]:
    """Return what one part does: known by its type and checked, or told by its values."""
    part = call.part
    kinds = [kind.__name__ for kind in type(part).__mro__]
    if type(part).__module__ == _ACTIVATIONS and kinds[0] not in _KNOWN:
        raise other_kind(kinds[0])
    wanted: Points | None = None
    if "ReLU" in kinds:
        wanted = np.maximum(call.before, 0.0)
        if _are_same(call, wanted):
            return [RELU]
    if "PReLU" in kinds or "LeakyReLU" in kinds:
        slope = part.weight if "PReLU" in kinds else part.negative_slope
        slopes = real_array(f"{call.name}.slope", [slope])
        bend = Bend(slopes.reshape(-1) if "PReLU" in kinds else slopes.reshape(()))
        wanted = np.where(call.before > 0.0, call.before, bend.slope * call.before)
        if _are_same(call, wanted):
            return [bend]
    affine = _affine(call, kinds)
    if affine is not None and affine.weight.shape[-1] == call.before.shape[1]:
        wanted, sizes = _values(affine, call.before)
        if _agrees(call, wanted, sizes):
            return [affine]
    found = _bend(call.before, call.after)
    if found is not None:
        return found
    if wanted is None:
        raise other_kind(kinds[0])
    raise something_else(points, wanted, call.after, f"in {call.name!r}")


def _affine(call: Call, kinds: list[str]) -> Affine | None:
    """Return the affine map that a part with a matrix, or batch normalisation, should be."""
    part = call.part
    weight, bias = getattr(part, "weight", None), getattr(part, "bias", None)
    if any(kind.startswith("BatchNorm") for kind in kinds) or "_BatchNorm" in kinds:
        if part.running_mean is None:
            raise ValueError(
                f"`model` normalises by each batch in {call.name!r}, so that it is no function of"
                " x; track running statistics, or train a net without"
            )
        return normalisation(
            call.name,
            real_array(f"{call.name}.running_mean", part.running_mean),
            real_array(f"{call.name}.running_var", part.running_var),
            float(part.eps),
            (_optional(f"{call.name}.weight", weight), _optional(f"{call.name}.bias", bias)),
        )
    if getattr(weight, "ndim", 0) != 2:
        return None
    return Affine(
        call.name,
        real_array(f"{call.name}.weight", weight),
        _optional(f"{call.name}.bias", bias),
    )


def _optional(name: str, value: Any) -> NDArray[np.float64] | None:
    return None if value is None else real_array(name, value)


def _values(affine: Affine, points: Points) -> tuple[Points, Points]:
    """Return the values of an affine map, (k, n), and the sizes of the terms that are added up."""
    weight = affine.weight.astype(np.float64)
    bias = np.zeros(len(weight)) if affine.bias is None else affine.bias.astype(np.float64)
    matrix = np.diag(weight) if weight.ndim == 1 else weight
    with np.errstate(all="ignore"):
        sizes = np.abs(points) @ np.abs(matrix).T + affine.added
        return points @ matrix.T + bias, sizes


def _agrees(call: Call, values: Points, sizes: Points) -> bool:
    """Whether a part computes an affine map, up to the rounding of sums in double precision."""
    if values.shape != call.after.shape:
        return False
    with np.errstate(all="ignore"):
        allowed = AGREEMENT * (2 * call.before.shape[1] + 12) * sizes
        # neither sums nor terms may be beyond the range
        known = np.isfinite(sizes) & (np.isfinite(call.after) | (sizes < LARGE))
        return bool(np.all((np.abs(values - call.after) <= allowed) | ~known))


def _known(before: Points, after: Points) -> NDArray[np.bool_]:
    """Whether numbers are within the range of the module's type, before a part and after it.

    A part that gives none for a number that is not large is none of those that are known.
    """
    return np.isfinite(before) & (np.isfinite(after) | (np.abs(before) < LARGE))


def _are_same(call: Call, values: Points) -> bool:
    """Whether a part gives these values, wherever it is known what it is given."""
    known = _known(call.before, call.after)
    return np.array_equal(values[known], call.after[known])


def _bend(before: Points, after: Points) -> list[Step] | None:
    """Return no step for equal values, the bend that turns `before` into `after`, or None."""
    if before.shape != after.shape:
        return None
    known = _known(before, after)
    before, after = before[known], after[known]
    if np.array_equal(after, before):
        return []
    if np.array_equal(after, np.maximum(before, 0.0)):
        return [RELU]
    positive = before > 0.0
    if not np.array_equal(after[positive], before[positive]):
        return None
    below, found = before[~positive], after[~positive]
    with np.errstate(all="ignore"):
        quotient = float(found[int(np.argmin(below))] / below.min())
    able = [quotient]
    for towards in (-np.inf, np.inf):
        able += [quotient]
        for _ in range(_ULPS):
            able.append(float(np.nextafter(able[-1], towards)))
    with np.errstate(all="ignore"):
        able = [slope for slope in able if np.array_equal(slope * below, found)]
    return [Bend(np.array(min(able, key=lambda slope: len(repr(slope)))))] if able else None


def _by_comparison(module: Any, points: Points, values: Points) -> NamedLayers:
    """Return the layers of a module whose parts cannot be watched, in the order in which they are
    what it computes, with ReLU between them.
    """
    layers = grouped(module.state_dict())
    able = [order for order in orders(layers) if layers[order[0]][0].shape[1] == points.shape[1]]
    for order in able:
        named = {name: layers[name] for name in order}
        probes = probing_points(list(named.values()), constants_of(module), range_of(module))
        found = watched(module, probes)[1]
        computed = pre_activations(list(named.values()), probes)[-1]
        steps = [Affine(name, *layer) for name, layer in named.items()]
        if found.shape == computed.shape and are_near(found, computed, rounding(steps, probes)):
            require_rows_alone(module, probes, found, steps)
            return named
    named = {name: layers[name] for name in able[0]} if able else in_order(layers, ordered=True)
    computed = pre_activations(list(named.values()), points)[-1]
    raise something_else(points, computed, values, "after the last layer")
