"""The content of a file, read without executing any of it.

NumPy archives and arrays are read without pickle, PyTorch files by its weights-only loader,
safetensors by their published layout, tables and JSON by the standard library.
"""

import gzip
import io
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.files import LARGEST, PathLike, arrays_of_archive, existing, too_large
from univariate.common.reading.columns import Columns
from univariate.common.reading.dialect import table_of_text
from univariate.common.reading.kinds import GZIP, Kind, kind_of
from univariate.common.reading.notes import unique_keys
from univariate.common.reading.onnx_chain import layers_of_onnx
from univariate.common.reading.table import table_of_records
from univariate.common.reading.torch_file import read_torch

_SAFE: Final = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "|b1", "U8": "|u1"},
    **{"I8": "|i1", "I16": "<i2", "I32": "<i4", "I64": "<i8", "U16": "<u2", "U32": "<u4"},
    "U64": "<u8",
}

_NOTES: Final = "__metadata__"
"""What safetensors call their notes; here those of ONNX models, too."""


class Contents(NamedTuple):
    """What a file holds."""

    path: str
    kind: Kind
    value: Any
    """An archive, a PyTorch file, safetensors or a JSON object: a mapping; an ONNX model: its
    layers; a .npy file: an array; a table, or a JSON list: a Table."""

    notes: Mapping[str, Any] = {}
    """What safetensors and ONNX models say besides, in texts."""


def read_contents(
    path: PathLike, unwanted: Mapping[Kind, str], columns: Columns | None = None
) -> Contents:
    """Read a file of any kind that is known, but for those that are `unwanted`, for reasons; of a
    text file some columns alone if they are named.

    Raises
    ------
    FileNotFoundError
        No such file.
    ModuleNotFoundError
        It takes a package that is not installed.
    ValueError
        Empty, damaged, pickled, or of a kind that is not read.
    """
    target = existing(path)
    name = str(target)
    try:
        data = target.read_bytes()
    except OSError as error:
        raise OSError(
            f"`path` must be readable, got {name!r}: {error.strerror}; check its permissions"
        ) from None
    if data.startswith(GZIP):
        data = _decompressed(name, data)
    kind = kind_of(name, data)
    if kind in unwanted:
        raise ValueError(f"{name!r} {unwanted[kind]}")
    if kind is Kind.TABLE:
        return Contents(name, kind, table_of_text(name, data, columns))
    value = _READERS[kind](name, data)
    notes = value.pop(_NOTES, {}) if kind in (Kind.SAFETENSORS, Kind.ONNX) else {}
    return Contents(name, kind, value, notes)


def _decompressed(path: str, data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            found = stream.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise ValueError(
            f"{path!r} is compressed by gzip and damaged; it may be truncated, write it again"
        ) from None
    if len(found) > LARGEST:
        raise too_large(path)
    return found


def _archive(path: str, data: bytes) -> dict[str, NDArray[Any]]:
    return arrays_of_archive(path, io.BytesIO(data))


def _array(path: str, data: bytes) -> NDArray[Any]:
    stream = io.BytesIO(data)
    try:
        found = np.asarray(np.load(stream, allow_pickle=False))
    except Exception as error:  # every way a file can be broken
        raise ValueError(
            f"{path!r} is not a readable .npy file ({type(error).__name__}); it may be truncated"
            " or pickled, save it again"
        ) from None
    if stream.read(1):
        raise ValueError(
            f"{path!r} holds more behind its first array, as where several are saved to one file;"
            " save them by numpy.savez, each with its name"
        )
    return found


def _safetensors(path: str, data: bytes) -> dict[str, Any]:
    """Return the tensors of a safetensors file, and its notes: the length of a JSON header, the
    header, numbers.

    bfloat16, which numpy lacks, comes as float32, exactly.
    """
    try:
        start = 8 + int.from_bytes(data[:8], "little")
        header = json.loads(data[8:start], object_pairs_hook=unique_keys)
        notes = header.pop(_NOTES, {})
        _require_whole(len(data) - start, [one["data_offsets"] for one in header.values()])
        tensors = {name: _safe_tensor(data[start:], **entry) for name, entry in header.items()}
        return {**tensors, _NOTES: notes}
    except Exception as error:  # every way a file can be broken
        raise ValueError(
            f"{path!r} is not a readable safetensors file ({type(error).__name__}: {error}); it may"
            " be truncated, save it again"
        ) from None


def _require_whole(size: int, spans: list[tuple[int, int]]) -> None:
    """Refuse tensors that do not lie one after the other in all the bytes there are."""
    places = [0, *(place for span in sorted(spans) for place in span), size]
    if places[::2] != places[1::2]:
        raise ValueError("its tensors are not all that it holds")


def _safe_tensor(
    data: bytes, dtype: str, shape: list[int], data_offsets: tuple[int, int]
) -> NDArray[Any]:
    if dtype not in _SAFE:
        raise ValueError(f"tensors of {dtype} are not read")
    begin, end = data_offsets
    kind = np.dtype(_SAFE[dtype])
    size = int(np.prod(shape, dtype=object)) * kind.itemsize
    if not 0 <= begin <= end <= len(data) or end - begin != size or min(shape, default=0) < 0:
        raise ValueError("a tensor is not where the header says")
    found = np.frombuffer(data[begin:end], dtype=kind).reshape(shape)
    if dtype == "BF16":
        return (found.astype(np.uint32) << 16).view(np.float32)
    return found


def _onnx(path: str, data: bytes) -> dict[str, Any]:
    layers, notes = layers_of_onnx(path, data)
    return {**layers, _NOTES: notes}


def _json(path: str, data: bytes) -> Any:
    try:
        value = json.loads(data, object_pairs_hook=unique_keys)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data"):
            raise ValueError(f"{path!r} is not readable JSON ({error}); write it again") from None
        value = _json_lines(path, data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path!r} is not readable JSON ({error}); write it again") from None
    return table_of_records(path, value) if isinstance(value, list) else value


def _json_lines(path: str, data: bytes) -> list[Any]:
    """Return the records of a file that has one on each line."""
    found = []
    for k, line in enumerate(data.splitlines(), 1):
        try:
            found += [json.loads(line, object_pairs_hook=unique_keys)] if line.strip() else []
        except (ValueError, RecursionError) as error:
            raise ValueError(
                f"{path!r}, line {k}: expected one JSON record ({error}); write it again"
            ) from None
    return found


_READERS: Final = {
    Kind.ARCHIVE: _archive,
    Kind.ARRAY: _array,
    Kind.TORCH: read_torch,
    Kind.SAFETENSORS: _safetensors,
    Kind.ONNX: _onnx,
    Kind.JSON: _json,
}
