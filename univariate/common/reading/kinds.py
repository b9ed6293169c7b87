"""What is in a file, told by its first bytes; endings are not looked at.

Kinds that are read come as members of `Kind`; others are refused with what they are and what to do.
"""

import io
import zipfile
from typing import Final

from univariate.common.result import Word


class Kind(Word):
    """Kinds of content that are read."""

    ARCHIVE = "a NumPy archive (.npz)"
    ARRAY = "a NumPy array (.npy)"
    TORCH = "a PyTorch file"
    SAFETENSORS = "a safetensors file"
    ONNX = "an ONNX model"
    JSON = "JSON"
    TABLE = "a table of text (CSV)"


GZIP: Final = b"\x1f\x8b"

_FOREIGN: Final = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras, MATLAB 7.3)", "save its arrays by numpy.savez"),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file", "save its arrays by numpy.savez"),
    (b"PAR1", "a Parquet file", "save the table as CSV"),
    (b"ARROW1", "an Arrow file", "save the table as CSV"),
    (b"SQLite format 3\x00", "an SQLite store", "export what is meant as CSV"),
    (b"BZh", "compressed by bzip2", "decompress it"),
    (b"\xfd7zXZ\x00", "compressed by xz", "decompress it"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "decompress it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file", "save the table as CSV"),
    (b"%PDF", "a PDF document", "pass the data themselves"),
    (b"\x89PNG\r\n\x1a\n", "a picture", "pass the data themselves"),
    (b"\xff\xd8\xff", "a picture", "pass the data themselves"),
    (b"GIF8", "a picture", "pass the data themselves"),
    (b"\x7fELF", "a program", "pass the data themselves"),
)
_TEXTS: Final = (
    (b"version https://git-lfs.github.com", "a Git LFS pointer", "fetch the file by git lfs pull"),
    (b"<!doctype html", "a web page", "download the file itself (on GitHub, the raw one)"),
    (b"<html", "a web page", "download the file itself (on GitHub, the raw one)"),
    (b"<table", "a web page", "save the table as CSV"),
    (b"<?xml", "XML", "save the data as CSV or by numpy.savez"),
    (b"@relation", "an ARFF file", "save the data as CSV"),
)
_TORCH_LEGACY: Final = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_EXPORTED: Final = ("archive_format", "models/model.json", "serialized_exported_program.json")
_PICKLES: Final = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
_HEADER: Final = 100 * 2**20  # bytes that a header of safetensors may have
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def kind_of(path: str, data: bytes) -> Kind:
    """Return the kind of content of a file that is not compressed by gzip.

    Raises
    ------
    ValueError
        Empty, or of a kind that is not read: the message says which, and what to do.
    """
    if not data.strip():
        raise ValueError(f"{path!r} is empty, it holds no data; check how it was written")
    for start, what, remedy in _FOREIGN:
        if data.startswith(start):
            raise ValueError(f"{path!r} is {what}, which is not read; {remedy}")
    if data[257:262] == b"ustar":
        raise ValueError(f"{path!r} is a tar archive, which is not read; unpack it")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zipped(path, data)
    if data.startswith(b"\x93NUMPY"):
        return Kind.ARRAY
    if data.startswith(_TORCH_LEGACY):
        return Kind.TORCH
    if data.startswith(_PICKLES):
        raise ValueError(
            f"{path!r} is a pickle, which may execute anything and is not read; save a network by"
            " torch.save(model.state_dict(), path), arrays by numpy.savez"
        )
    if _is_safetensors(data):
        return Kind.SAFETENSORS
    if _is_onnx(data):
        return Kind.ONNX
    return _text(path, data)


def _zipped(path: str, data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except Exception:  # every way an archive can be broken
        raise ValueError(
            f"{path!r} is not a readable .npz file or PyTorch file: it is a broken zip archive; it"
            " may be truncated, save it again"
        ) from None
    if any(name.endswith("constants.pkl") for name in names):
        raise ValueError(
            f"{path!r} is TorchScript, which is not read; load it by torch.jit.load, convert it by"
            " from_torch and save the net"
        )
    if any(name.endswith(_EXPORTED) for name in names):
        raise ValueError(
            f"{path!r} is a program of torch.export, which is not read; load it by"
            " torch.export.load, and save its weights by torch.save(program.state_dict, path) if"
            " ReLU is between its layers"
        )
    if any(name.endswith("data.pkl") for name in names):
        return Kind.TORCH
    if any(name.startswith(("xl/", "[Content_Types].xml")) for name in names):
        raise ValueError(f"{path!r} is an Excel file, which is not read; save the sheet as CSV")
    if any(name.endswith(".npy") for name in names):
        return Kind.ARCHIVE
    shown = ", ".join(names[:3]) or "nothing"
    raise ValueError(
        f"{path!r} is not a readable .npz file or PyTorch file, it is a zip archive of {shown};"
        " unpack it"
    )


def _is_safetensors(data: bytes) -> bool:
    length = int.from_bytes(data[:8], "little")
    return len(data) > 8 and data[8:9] == b"{" and 2 <= length <= _HEADER


def _is_onnx(data: bytes) -> bool:
    """Whether data begin as ModelProto: field 1, its version, then one of the fields 2 to 8."""
    after = (b"\x12", b"\x1a", b'"', b"(", b"2", b"\x3a", b"B")
    return data[0] == 8 and data[1:2] <= b"\x20" and data[2:3] in after


def _text(path: str, data: bytes) -> Kind:
    start = data.lstrip()[:64].lower()
    for beginning, what, remedy in _TEXTS:
        if start.startswith(beginning):
            raise ValueError(f"{path!r} is {what}, which is not read; {remedy}")
    if b"\x00" in data and not data.startswith(_MARKS):
        raise ValueError(
            f"{path!r} is of no known kind, it is not a text file and none of"
            f" {', '.join(kind.value for kind in Kind)}; save it again as one of these"
        )
    for mark in _MARKS:
        start = start.removeprefix(mark).lstrip()
    return Kind.JSON if start[:1] in (b"{", b"[") else Kind.TABLE
