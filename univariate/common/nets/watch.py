"""Modules at work: every call of a part without parts, with what goes in and what comes out."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from typing import Any, Final, NamedTuple

import numpy as np

from univariate.common.foreign_arrays import plain_array
from univariate.common.nets.extent import range_of
from univariate.common.nets.parametrized import undoing
from univariate.common.nets.probes import Points, plain_points, thinned
from univariate.common.nets.wrappers import has_hooks, is_script

_WIDER: Final = 7  # points, a prime: no reshaping makes other rows of them
_PART: Final = "for a batch of"
_GUARDS: Final = "_guards_fn"
"""What torch.export calls the part that asks inputs for the number of rows of its example."""


class Call(NamedTuple):
    """One call of a part, at all points."""

    name: str
    part: Any
    before: Points
    """(k, n) what goes in."""
    after: Points
    """(k, n) what comes out."""


def first_look(module: Any) -> tuple[Points, list[Call], Points]:
    """Return points in the dimension in which a module can be evaluated, calls and values.

    Raises
    ------
    TypeError, ValueError
        Parameters without numbers, or it cannot be evaluated, with the reason, or in several
        dimensions.
    """
    shapes = [tuple(plain_array(name, part).shape) for name, part in module.named_parameters()]
    matrices = [shape for shape in shapes if len(shape) == 2]
    columns = [columns for _, columns in matrices]
    # fewer at last: forward may append a constant to its inputs, or a function of each
    fewer = [part for k in columns for part in (k - 1, k // 2) if part > 1]
    dimensions = list(dict.fromkeys([*columns, 1, *fewer]))
    widest = max((max(shape) for shape in matrices), default=1)
    error: ValueError | None = None
    for d in dimensions:
        points = thinned(plain_points(d, range_of(module)), widest)
        try:
            found = watched(module, points)
        except ValueError as reason:
            error = error or reason
            continue
        _require_no_wider(module, d)
        return points, *found
    assert error is not None
    for part in module.modules():
        weight = getattr(part, "weight", None)
        owns = any(True for _ in part.parameters(recurse=False))
        if owns and (getattr(weight, "ndim", 0) > 2 or not _has_forward(part)):
            raise other_kind(type(part).__name__)
    raise error


def _require_no_wider(module: Any, d: int) -> None:
    """Refuse a module that takes inputs of more coordinates, too: it selects or adds up some of
    them, and which function of how many it is cannot be told.
    """
    try:
        values = watched(module, plain_points(d + 1)[-_WIDER:])[1]
    except ValueError:
        return
    if values.shape[1] == 1:
        raise ValueError(
            f"`model` must take inputs of one dimension, got one that takes shapes (k, {d}) and"
            f" (k, {d + 1}), of which forward selects some columns or combines all; apply the first"
            " nn.Linear to the input as it is, with weights 0 for columns that do not count"
        )


def _has_forward(part: Any) -> bool:
    forward = getattr(type(part), "forward", None)
    return getattr(forward, "__name__", "") != "_forward_unimplemented"


def watched(module: Any, points: Points) -> tuple[list[Call], Points]:
    """Return the calls of parts without parts, and a module's values, (k, n).

    A copy is evaluated, in double precision and evaluation mode. Numbers beyond the range of the
    module's own type are NaN. ValueError if it cannot be evaluated.
    """
    import torch

    largest = range_of(module)
    calls: list[Call] = []
    received: list[Points] = []

    # before the call: one that works in place leaves its output where its input was
    def receive(part: Any, inputs: Any) -> None:
        """Keep what a part is given."""
        if len(inputs) != 1:
            raise TypeError(f"{type(part).__name__} takes {len(inputs)} inputs")
        received.append(_rows(inputs[0], points, largest))

    def watch(name: str, part: Any) -> Callable[..., None]:
        """Return what notes the calls of a part by its name."""

        def hook(_: Any, inputs: Any, output: Any) -> None:
            """Note a call, with what was kept last."""
            calls.append(Call(name, part, received.pop(), _rows(output, points, largest)))

        return hook

    try:
        copy = _copy_of(module)
        if hasattr(copy, _GUARDS):
            setattr(copy, _GUARDS, torch.nn.Identity())
        for name, part in _parts(copy):
            part.register_forward_pre_hook(receive)
            part.register_forward_hook(watch(name or type(part).__name__, part))
        with torch.no_grad(), _uncompiled(torch.compiler):
            # a copy, which it may change
            values = _rows(copy(torch.tensor(points)), points, largest)
    except _LostHooksError:
        raise
    except Exception as error:  # whatever forward does
        raise _unable(error, module, points) from None
    return calls, values


class _LostHooksError(TypeError):
    """A copy lacks hooks, which may change what a module computes."""


def _copy_of(module: Any) -> Any:
    """Return a copy in double precision and evaluation mode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what PyTorch says of its own copies
        copy = deepcopy(module).cpu().double().eval()
    kept = dict(copy.named_modules())
    for name, part in module.named_modules():
        # compiled, traced and exported modules are made anew
        if has_hooks(part) and not (name in kept and has_hooks(kept[name])):
            raise _LostHooksError(
                f"`model` must have hooks on what it is made of, got some on {type(part).__name__}"
                " that are not in its copies; register them on the module from which it was made"
            )
    return copy


def _uncompiled(compiler: Any) -> AbstractContextManager[Any]:
    """Return what lets compiled parts run as they are written, if this version of PyTorch can."""
    stance = getattr(compiler, "set_stance", None)
    return nullcontext() if stance is None else stance("force_eager")


def _unable(error: Exception, module: Any, points: Points) -> ValueError:
    """Return what is said of a module that cannot be evaluated."""
    kind = type(error).__name__
    reason = str(error).splitlines()[0] if str(error) else kind
    if "deepcopy" in reason:
        kept = "set what it keeps of its last call to None, or call it under torch.no_grad()"
        remedy = undoing(module.state_dict()) or kept
        return ValueError(f"`model` must have a copy, got {kind}: {remedy}")
    remedy = "wrap it in a module whose forward takes one tensor and returns one score for each row"
    if _PART in reason:
        remedy = "let forward take all rows of a batch at once and return one score for each"
    if "dtype" in reason:
        remedy = (
            "it is evaluated in double precision, let forward keep that, as by"
            " x.to(layer.weight.dtype) where it says x.float(), and hold layers in nn.ModuleList,"
            " not in a list"
        )
    return ValueError(
        f"`model` must map inputs of shape {points.shape} to one output each, got {kind}:"
        f" {reason}; {remedy}"
    )


def _parts(module: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts that have none, and linear layers whatever computes their weights."""
    inside: tuple[str, ...] = ()
    for name, part in module.named_modules():
        if is_script(part) or name == _GUARDS or (inside and name.startswith(inside)):
            continue
        linear = any(kind.__name__ == "Linear" for kind in type(part).__mro__)
        if linear or not any(True for _ in part.children()):
            inside = (*inside, f"{name}.") if linear and name else inside
            yield name, part


def _rows(tensor: Any, points: Points, largest: float) -> Points:
    plain = tensor.detach()
    if plain.is_complex():
        raise TypeError("complex numbers")
    if not plain.numel() or plain.numel() % len(points):
        raise TypeError(f"shape {tuple(plain.shape)} {_PART} {len(points)} rows")
    found = np.array(plain.numpy(), dtype=np.float64)
    found[~(np.abs(found) <= largest)] = np.nan
    return found.reshape(len(points), -1)


def other_kind(name: str) -> ValueError:
    """Return what is said of a part that is neither affine nor a bend."""
    return ValueError(
        f"`model` must consist of Linear and ReLU layers, got {name}; train a net of these (of"
        " LeakyReLU, PReLU, Dropout and BatchNorm1d, too), or build one of arrays"
    )
