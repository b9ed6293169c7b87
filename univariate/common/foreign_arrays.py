"""Arrays made elsewhere, as numpy arrays: tensors and tables, recognised by what they offer.

PyTorch and pandas are never imported. Whatever is taken is taken exactly; what has no exact numpy
array of real numbers, or none at all, is refused with the reason.
"""

from collections.abc import Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate.common.exactly import is_truth_value

_NO_NUMPY = ("bfloat16", "float8")
"""Beginnings of the names of floats that numpy lacks and doubles hold."""


def plain_array(name: str, value: Any) -> NDArray[Any]:
    """Return `value` as a numpy array of whatever type, copied or not.

    Tensors of PyTorch come from any device, with or without gradient, bfloat16 and half included;
    tables and columns of pandas and polars as `to_numpy` gives them; iterators are read to their
    end.

    Raises
    ------
    TypeError, ValueError
        Arrays with masked entries; tensors that are quantised, sparse, nested or on no device;
        tables with columns that are no numbers; ragged sequences; sets and mappings; truth values
        among numbers.
    """
    if isinstance(value, np.ma.MaskedArray):
        if not np.ma.is_masked(value):
            return np.asarray(value.data)
        raise TypeError(
            f"`{name}` must not be masked, its mask would be lost; pass {name}.compressed()"
        )
    if is_tensor(value):
        return _of_tensor(name, value)
    if callable(getattr(value, "to_numpy", None)):
        return _of_table(name, value)
    if callable(getattr(value, "toarray", None)):
        raise TypeError(
            f"`{name}` must be dense, got a sparse {type(value).__name__}; pass {name}.toarray()"
        )
    value = _without_tensors(name, _ordered(name, value))
    _require_unmixed(name, value)
    try:
        found = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"`{name}` must be a rectangular array of numbers: {error}") from None
    except Exception as error:  # whatever __array__ does
        raise TypeError(
            f"`{name}` must be an array of numbers, got {type(value).__name__}, which numpy cannot"
            f" read ({type(error).__name__}); pass a numpy array"
        ) from None
    if found.dtype.kind == "V" and found.dtype.name.startswith(_NO_NUMPY):
        return found.astype(np.float64)
    return found


def require_labels_apart(name: str, table: Any, labels: Any) -> None:
    """Refuse a table of inputs that holds the labels too, by their own name, as a whole table has
    them: they would be a coordinate.
    """
    known = list(getattr(table, "columns", ()))
    label = getattr(labels, "name", None)
    if label is None and len(getattr(labels, "columns", ())) == 1:
        label = labels.columns[0]
    if not isinstance(label, str) or known.count(label) != 1:
        return
    column, values = (np.ravel(plain_array(name, one)) for one in (table[label], labels))
    if np.array_equal(column, values):
        raise ValueError(
            f"`{name}` must hold inputs alone, got the labels as its column {label!r}; drop that"
        )


def _is_number(entry: Any) -> bool:
    return isinstance(entry, int | float | np.number) and not isinstance(entry, bool)


def _ordered(name: str, value: Any) -> Any:
    """Return what an iterator gives as a list, anything that has an order as it is."""
    if isinstance(value, set | frozenset):
        raise TypeError(
            f"`{name}` must be a sequence, got a {type(value).__name__}, which has no order and"
            " holds every number once; pass a list"
        )
    if isinstance(value, Mapping):
        raise TypeError(
            f"`{name}` must be a sequence, got a {type(value).__name__}; pass the values that are"
            " meant, as a list"
        )
    return list(value) if isinstance(value, Iterator | KeysView | ValuesView) else value


def _require_unmixed(name: str, value: Any) -> None:
    """Refuse truth values among numbers, which numpy would take for 1 and 0."""
    if not isinstance(value, list | tuple):
        return
    entries: Iterable[Any] = value
    if value and isinstance(value[0], list | tuple):
        rows = (row if isinstance(row, list | tuple) else [row] for row in value)
        entries = chain.from_iterable(rows)
    # types are few where entries are many
    types = {type(entry): entry for entry in entries}
    if len(set(map(is_truth_value, types.values()))) > 1:
        raise TypeError(
            f"`{name}` must not mix truth values with numbers, got True or False among others;"
            " write 1 or 0 if they are meant"
        )


def is_tensor(value: Any) -> bool:
    """Whether something is a tensor as those of PyTorch."""
    return all(hasattr(value, part) for part in ("detach", "cpu", "layout", "is_sparse"))


def _of_tensor(name: str, tensor: Any) -> NDArray[Any]:
    """Return a tensor's numbers, exactly.

    Floats that numpy lacks become doubles; others keep their type.
    """
    if getattr(tensor, "is_meta", False):
        raise ValueError(
            f"`{name}` must hold numbers, got a tensor on the device meta, which has a shape only;"
            " load its values first"
        )
    if getattr(tensor, "is_quantized", False):
        raise TypeError(
            f"`{name}` must not be quantised, got {tensor.dtype}; pass {name}.dequantize()"
        )
    if getattr(tensor, "is_nested", False) or str(tensor.layout) != "torch.strided":
        kind = "nested" if getattr(tensor, "is_nested", False) else "sparse"
        remedy = "to_padded_tensor(...)" if kind == "nested" else "to_dense()"
        raise TypeError(f"`{name}` must be a dense tensor, got a {kind} one; pass {name}.{remedy}")
    try:
        found = tensor.detach().cpu()
        if str(found.dtype).removeprefix("torch.").startswith(_NO_NUMPY):
            found = found.double()
        return np.asarray(found.resolve_conj().resolve_neg().numpy())
    except Exception as error:  # tensors of functions being traced, of other devices, …
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TypeError(
            f"`{name}` must be a tensor with values, got {type(tensor).__name__} ({reason}); pass"
            " a numpy array"
        ) from None


def _of_table(name: str, table: Any) -> NDArray[Any]:
    try:
        found = np.asarray(table.to_numpy())
    except Exception as error:  # whatever a table of another package does
        raise TypeError(
            f"`{name}` must be a table of numbers, got {type(table).__name__}"
            f" ({type(error).__name__}); pass a numpy array"
        ) from None
    if found.dtype.kind != "O" or found.ndim != 2:
        return found
    for label, column in zip(getattr(table, "columns", ()), found.T, strict=False):
        other = [entry for entry in column if not _is_number(entry)]
        if other:
            raise TypeError(
                f"`{name}` must hold numbers, got column {str(label)!r} with {other[0]!r}; drop or"
                " encode it"
            )
    # columns of several types: each entry is a number of its own
    return np.array(found.tolist())


def _without_tensors(name: str, value: Any) -> Any:
    """Return a sequence of tensors as one of arrays; anything else as it is."""
    if isinstance(value, list | tuple) and value and is_tensor(value[0]):
        return [plain_array(name, part) if is_tensor(part) else part for part in value]
    return value
