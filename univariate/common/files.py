"""Files that never lose data: written beside their target and renamed, read without pickle."""

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.changes import changed_before, note
from univariate.common.home import at_home
from univariate.common.special_files import is_special, open_special

PathLike = str | os.PathLike[str]

LARGEST: Final = 2**31
"""Bytes that a compressed file may unpack to."""

_FORMATS = frozenset(
    (
        *(".npz", ".npy", ".pt", ".pth", ".th", ".ckpt", ".tar", ".bin", ".safetensors", ".onnx"),
        *(".h5", ".hdf5", ".keras", ".mat", ".pkl", ".pickle", ".joblib", ".csv", ".tsv", ".txt"),
        *(".json", ".jsonl", ".yaml", ".xml", ".parquet", ".feather", ".arrow", ".xlsx", ".xls"),
        *(".sqlite", ".db", ".gz", ".bz2", ".xz", ".zst", ".zip", ".7z", ".png", ".pdf", ".svg"),
        *(".gif", ".jpg", ".jpeg", ".py", ".md", ".html"),
    )
)
"""Endings that promise a format: a file with one of them holds that format."""


def path_of(path: PathLike, name: str = "path") -> Path:
    """Return a path, as `at_home` reads it; TypeError if the argument `name` is none."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"`{name}` must be a path, got {type(path).__name__}; pass a text or a pathlib.Path"
        )
    return at_home(path)


def steady(path: Path) -> Path:
    """Return a path that leads to the same file whatever the current folder becomes."""
    try:
        return path.absolute()
    except OSError:  # it is gone, which is said where the file is opened
        return path


def as_named(path: Path, place: Path) -> Path:
    """Return a path as it was given, if it still leads to a place that `steady` made of it; else
    that.
    """
    return path if steady(path) == place else place


def write_atomically(path: PathLike, write: Callable[[IO[bytes]], object]) -> Path:
    """Call `write` on a temporary file and rename it to `path` only when complete.

    A full disk or Ctrl-C leaves an existing file as it was. A link stays, and what it points to is
    replaced; devices and pipes are written to as they stand.

    Raises
    ------
    OSError
        The folder is missing or not writable, or the disk is full; the message names `path`, and
        what a command has changed before.
    """
    target = path_of(path)
    if is_special(target):
        return _write_through(target, write)
    target = target.resolve()  # a link keeps pointing to the file
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        before = changed_before()
        raise OSError(
            f"`path` must be writable, got {str(target)!r}: {error.strerror}; choose another folder"
            f"{f' ({before})' if before else ''}"
        ) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o644)
        os.replace(name, target)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)  # Ctrl-C may strike just after the renaming
        if isinstance(error, OSError):
            raise OSError(
                f"writing {str(target)!r} failed: {error.strerror};"
                f" {changed_before() or 'nothing was changed'}"
            ) from None
        raise
    note(target)
    return target


def write_bytes(path: PathLike, content: bytes | memoryview) -> Path:
    """Write a file at once, as `write_atomically` does."""
    return write_atomically(path, lambda stream: stream.write(content))


def _write_through(path: Path, write: Callable[[IO[bytes]], object]) -> Path:
    try:
        with open_special(path) as stream:
            write(stream)
    except OSError as error:
        raise OSError(
            f"writing {str(path)!r} failed: {error.strerror}; what it got may be cut short"
        ) from None
    return path


def save_arrays(path: PathLike, schema: str, arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Write arrays and a schema name as .npz, without pickle. Returns the path.

    Raises
    ------
    ValueError
        The path has the ending of another format.
    """
    require_ending("path", path)
    contents: dict[str, Any] = {"schema": np.array(schema), **arrays}
    whole = io.BytesIO()  # an archive that meets a full disk complains again when it is collected
    np.savez(whole, **contents)
    return write_bytes(path, whole.getbuffer())


def require_ending(name: str, path: PathLike, *written: str) -> None:
    """Raise ValueError for the ending of a format other than those that are `written`, of .npz if
    none are given. Endings that name no format are free.
    """
    able = written or (".npz",)
    if path_of(path).suffix.lower() in _FORMATS.difference(able):
        raise ValueError(
            f"`{name}` must end in {' or '.join(able)}, which is what is written, got"
            f" {str(path)!r}; rename it"
        )


def load_arrays(path: PathLike, *plain: str) -> tuple[str, dict[str, NDArray[Any]]]:
    """Read (schema, arrays) of a .npz file; never unpickles.

    A file without a schema is read if it holds arrays of the names `plain`, as `numpy.savez` writes
    them; its schema is "" then.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        Truncated, pickled, or without a schema and the arrays that would do instead.
    """
    target = existing(path)
    with target.open("rb") as stream:
        # archives are read from their end, which a pipe has only when it is read
        whole = stream if stream.seekable() else io.BytesIO(stream.read())
        arrays = arrays_of_archive(str(target), whole)
    schema = arrays.pop("schema", None)
    if schema is None and plain and set(plain) <= arrays.keys():
        return "", arrays
    if schema is None or schema.shape != () or schema.dtype.kind != "U":
        other = f", or by numpy.savez with arrays {' and '.join(plain)}" if plain else ""
        raise ValueError(
            f"{str(target)!r} names no schema; save it with this package's .save{other}"
        )
    return str(schema), arrays


_ENDINGS: Final = (".onnx", ".pt", ".pth", ".ckpt", ".safetensors", ".npz", ".csv")


def existing(path: PathLike) -> Path:
    """Return the path of a file, a pipe included; FileNotFoundError if there is none."""
    target = path_of(path)
    if target.is_dir():
        raise IsADirectoryError(
            f"`path` must be a file, got the folder {str(target)!r}; {_in_its_place(target)}"
        )
    if not target.exists():
        raise FileNotFoundError(
            f"`path` must name an existing file, got {str(target)!r}; check the spelling"
        )
    return target


def _in_its_place(folder: Path) -> str:
    """Return what to do where a folder is named: a file in it, the only one that may be meant."""
    if (folder / "saved_model.pb").is_file():
        return "SavedModel of TensorFlow is not read, save the arrays of its layers by numpy.savez"
    able = [one.name for one in folder.iterdir() if one.suffix.lower() in _ENDINGS]
    return f"name a file in it, {able[0]!r} perhaps" if len(able) == 1 else "name a file in it"


class _TwiceError(Exception):
    """An archive with two arrays of one name."""


class _TooLargeError(Exception):
    """An archive that unpacks to more than `LARGEST` bytes."""


def too_large(path: str) -> ValueError:
    """Return the error of a compressed file whose content is larger than `LARGEST`."""
    return ValueError(
        f"{path!r} is compressed and unpacks to more than {LARGEST:,} bytes; if that is meant,"
        " unpack it and read what comes out"
    )


def arrays_of_archive(path: str, stream: IO[bytes]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a .npz archive; ValueError, which names `path`, if it is none."""
    try:
        return _read_archive(stream)
    except _TooLargeError:
        raise too_large(path) from None
    except _TwiceError:
        raise ValueError(
            f"{path!r} holds two arrays of one name; leave one of them, save it again"
        ) from None
    # numpy and zipfile raise a different type for every way a file can be broken
    except Exception as error:
        raise ValueError(
            f"{path!r} is not a readable .npz file ({type(error).__name__}); it may be truncated or"
            f" pickled, save it again{_other_kind(stream)}"
        ) from None


def _other_kind(stream: IO[bytes]) -> str:
    """Return what to do if a file is an archive of PyTorch."""
    stream.seek(0)
    is_of_torch = b"/data.pkl" in stream.read(1 << 12)
    return ", or read it by load_network if it is a state_dict of PyTorch" if is_of_torch else ""


def _read_archive(stream: IO[bytes]) -> dict[str, NDArray[Any]]:
    archive = np.load(stream, allow_pickle=False)
    if not isinstance(archive, np.lib.npyio.NpzFile):
        raise ValueError("it holds a single array")
    with archive:
        members = archive.zip.infolist() if archive.zip is not None else []
        if sum(member.file_size for member in members) > LARGEST:
            raise _TooLargeError
        arrays = {name: archive[name] for name in archive.files}
        if len(arrays) < len(archive.files):
            raise _TwiceError
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise ValueError("it holds members other than arrays")
    return arrays


def expect_schema(path: PathLike, found: str, wanted: str) -> None:
    """Raise ValueError unless the schema read from `path` is the one wanted."""
    if found != wanted:
        package = found.partition(".")[0]
        other = package in ("univariate", "highdim") and package != wanted.partition(".")[0]
        remedy = f", or pass it to the command {package}" if other else ""
        raise ValueError(
            f"{str(path)!r} holds {found!r}, expected {wanted!r}; load it with the matching class"
            f"{remedy}"
        )


def expect_only(path: PathLike, arrays: Iterable[str], wanted: Iterable[str]) -> None:
    """Raise ValueError if a file holds more than the arrays that its schema has."""
    others = sorted(set(arrays).difference(wanted))
    if others:
        raise ValueError(
            f"{str(path)!r} holds {', '.join(others)} besides what its schema has; put into the"
            " network what belongs to it, and leave out the rest"
        )
