"""Samples in files: which column or array is the label, and which are inputs."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np

from univariate.common.files import PathLike, expect_schema
from univariate.common.foreign_arrays import plain_array
from univariate.common.reading.columns import Columns, arrays_of, lacking, picked
from univariate.common.reading.contents import Contents, read_contents
from univariate.common.reading.counters import array_counts
from univariate.common.reading.kinds import Kind
from univariate.common.reading.sample_tables import sample_of_columns, sample_of_table
from univariate.common.reading.table import LABELS, Table
from univariate.common.reading.taken import RawSample, two_readings

_BY_NAME: Final = "save inputs and labels by numpy.savez(path, x=x, y=y)"
_INPUTS: Final = frozenset(["x", "input", "inputs", "feature", "features"])


def read_sample(
    path: PathLike, *, schema: str, known: Collection[str], columns: Columns | None = None
) -> RawSample:
    """Read inputs and labels from a file of any kind that is known.

    Parameters
    ----------
    path : path
        A table (CSV, also with semicolons, tabs or spaces, decimal commas, compressed by gzip) has
        a row for each observation: the label in the column named y, label, target or class, in a
        table without names in the last; columns that count rows are passed over. A file of arrays
        (.npz, PyTorch, safetensors, JSON) has two, x or X and y. A .npy file has one, the label in
        its last column.
    schema : str
        What files of this package that are meant say that they are.
    known : collection of str
        What such files may hold besides inputs and labels; other files may hold nothing besides.
    columns : sequence of str, optional
        Names of inputs, and of the label last, where a file calls them otherwise or has more.

    Raises
    ------
    FileNotFoundError, ModuleNotFoundError
        No such file; PyTorch is needed and not installed.
    ValueError
        Not readable, or it is not clear which are inputs and labels; the message says what to do.
    """
    unwanted = {Kind.ONNX: "is an ONNX model, no data; is it the network?"}
    found = read_contents(path, unwanted, columns)
    value = found.value
    if columns is not None:
        raw = _chosen(found, columns)
        return _with_note(raw, value, schema, known) if isinstance(value, Table) else raw
    if isinstance(value, Table):
        return _with_note(sample_of_table(value), value, schema, known)
    if found.kind is Kind.ARRAY:
        return _of_array(found)
    if not isinstance(value, Mapping):
        raise ValueError(
            f"{found.path!r} is {found.kind.value} that holds {type(value).__name__}, expected"
            " inputs x and labels y by name; save {'x': x, 'y': y}"
        )
    if "schema" in value and found.kind is Kind.ARCHIVE:
        return _of_package(found, schema, known)
    return _of_named(found, value)


def _chosen(found: Contents, columns: Columns) -> RawSample:
    """Return the sample of the columns, or of the two arrays, that are named."""
    value = found.value
    if isinstance(value, Table):
        table = picked(value, columns)
        if table is None:
            raise lacking(found.path, value.names, columns)
        return sample_of_columns(table)
    if isinstance(value, np.ndarray) and value.dtype.names:
        value = {name: value[name] for name in value.dtype.names}
    if not isinstance(value, Mapping) or (found.kind is Kind.ARCHIVE and "schema" in value):
        raise ValueError(
            f"`columns` must be left out, {found.path!r} "
            + ("is a sample as saved" if isinstance(value, Mapping) else "has no names")
            + f", got {', '.join(columns)}; leave it out"
        )
    x, y = arrays_of(found.path, value, columns)
    return _of_named(found, {"x": x, "y": y})


def _of_package(found: Contents, wanted: str, known: Collection[str]) -> RawSample:
    arrays = dict(found.value)
    schema = arrays.pop("schema")
    if schema.shape != () or schema.dtype.kind != "U":
        raise ValueError(
            f"{found.path!r} names no schema; save it with this package's .save, or by numpy.savez"
            " with arrays x and y"
        )
    expect_schema(found.path, str(schema), wanted)
    name = "x" if "x" in arrays else "X"
    if not {name, "y"} <= arrays.keys():
        raise ValueError(f"{found.path!r} lacks x or y; it may be damaged, save it again")
    _refuse_others(found.path, [one for one in arrays if one not in {name, "y", *known}])
    return RawSample(wanted, arrays[name], arrays["y"], arrays)


def _with_note(raw: RawSample, table: Table, wanted: str, known: Collection[str]) -> RawSample:
    """Return a sample with what a comment before its table says."""
    if table.note is None:
        return raw
    expect_schema(table.path, table.note.schema, wanted)
    _refuse_others(table.path, [one for one in table.note.arrays if one not in known])
    return raw._replace(schema=wanted, arrays=table.note.arrays)


def _refuse_others(path: str, others: list[str]) -> None:
    """Refuse what is neither input nor label: it may be a part of the sample, or meant instead."""
    if others:
        raise ValueError(
            f"{path!r} holds {', '.join(others)} besides inputs and labels, which would be"
            " passed over; drop it and say it where the sample is used, or write the file by this"
            " package's .save"
        )


def _of_array(found: Contents) -> RawSample:
    array = found.value
    if array.dtype.names:
        return _of_named(found, {name: array[name] for name in array.dtype.names})
    if array.ndim != 2 or array.shape[1] < 2:
        raise ValueError(
            f"{found.path!r} holds one array of shape {array.shape}, expected a row for each"
            f" observation, the label last; {_BY_NAME}"
        )
    if len(array) == 2 and _are_signs(array[1]) and not _are_signs(array[:, -1]):
        raise ValueError(
            f"{found.path!r} holds one array of shape {array.shape}, expected a row for each"
            " observation, the label last, got labels in the second row; transpose it, by"
            " numpy.save(path, array.T)"
        )
    several = array.shape[1] > 2 and array.dtype.kind in "iuf"
    doubt = two_readings(found.path, array[:, 0], array[:, -1], _BY_NAME) if several else ""
    return RawSample("", array[:, :-1], array[:, -1], {}, doubt=doubt)


def _are_signs(values: Any) -> bool:
    """Whether all values are -1 or +1."""
    return bool(np.all(np.isin(values, [-1.0, 1.0])))


def _of_named(found: Contents, value: Mapping[Any, Any]) -> RawSample:
    """Return the arrays of a mapping that are called as inputs and labels are."""
    inputs = [name for name in value if str(name).lower() in _INPUTS]
    labels = [name for name in value if str(name).lower() in LABELS]
    if len(inputs) != 1 or len(labels) != 1:
        shown = ", ".join(map(str, list(value)[:8])) or "nothing"
        several = [str(name) for names in (inputs, labels) if len(names) > 1 for name in names]
        what = f"several of them, {', '.join(several)}" if several else f"{shown}"
        raise ValueError(
            f"{found.path!r} must hold inputs x and labels y, got {what}; save these two by"
            " numpy.savez(path, x=x, y=y)"
        )
    counters = [name for name in value if array_counts(name, value[name])]
    used = {*inputs, *labels, *counters}
    _refuse_others(found.path, [str(name) for name in value if name not in used])
    if any(isinstance(value[name], Mapping) for name in (*inputs, *labels)):
        raise ValueError(
            f"{found.path!r} must hold x and y as lists of numbers, got objects; write records, or"
            " lists"
        )
    x, y = (
        part if isinstance(part, list) else plain_array(str(name), part)
        for name, part in ((inputs[0], value[inputs[0]]), (labels[0], value[labels[0]]))
    )
    return RawSample("", x, y, {})
