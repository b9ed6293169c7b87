"""Files of PyTorch, by its weights-only loader.

Training scripts save more than tensors: a Namespace, paths, numbers of NumPy, random states. No
class or function that a file names is imported or called. In place of such an object stands what
the file says of it: a mapping of its attributes, or its arguments, or an array; in place of a
dictionary or list of another class, a plain one.
"""

import io
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_ZIP: Final = b"PK"
_SCALAR: Final = ".multiarray.scalar"
_ARRAY: Final = ".multiarray._reconstruct"
_TOLD: Final = "Told of "
_KINDS: Final = "biufc"
"""Numbers, as NumPy abbreviates their types."""


class _Told:
    """What a file says of one object: by what it is made, of what, and its state."""

    made_by = ""
    given: tuple[Any, ...]
    state: Any

    def __new__(cls, *given: Any) -> "_Told":
        """Keep the arguments, whatever they are."""
        told = super().__new__(cls)
        told.given = given
        told.state = None
        return told

    def __setstate__(self, state: Any) -> None:
        """Keep the state."""
        self.state = state


def read_torch(path: str, data: bytes) -> Any:
    """Return what a file holds, in mappings, lists, tensors, arrays, numbers and texts.

    Raises
    ------
    ModuleNotFoundError
        PyTorch is not installed.
    ValueError
        Damaged, or it holds a module, or what the weights-only loader refuses.
    """
    try:
        import torch
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"reading {path!r} needs PyTorch; install torch, or save the network by its own .save"
            " as .npz"
        ) from None
    try:
        return _loaded(torch, data)
    # the loader raises a different type for every way a file can be broken
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if reason.startswith("Weights only load failed"):
            reason = "it holds what only a program can make"
        raise ValueError(
            f"{path!r} is not a readable state_dict ({reason}); save it with"
            " torch.save(model.state_dict(), path) if ReLU is between its layers, else convert the"
            " module by from_torch and save the net"
        ) from None


def _loaded(torch: Any, data: bytes) -> Any:
    """Return what the weights-only loader finds, with what is told of other objects."""
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(data))
    except Exception:  # an older version or format, or damaged, of which the loader says more
        names = []
    if not names:
        return _whole(torch, data)
    kinds: dict[str, Callable[[str], Any]] = {}
    while True:
        makers = [(kinds.get(name, _stand_in)(name), name) for name in names]
        with torch.serialization.safe_globals(makers):
            try:
                return _plain(_whole(torch, data), {})
            except Exception as error:
                name, kind = _container(str(error), names)
                if name is None or name in kinds:
                    raise
                kinds[name] = kind


def _container(reason: str, names: list[str]) -> tuple[str | None, Callable[[str], Any]]:
    """Return the class that the loader would not fill, as the reason of its failure names it, and
    what stands in for one that is a mapping, or else a list; None if the reason is another one.
    """
    name = next((name for name in names if f".{_TOLD}{name}'" in reason), None)
    return name, _mapping if "SETITEM" in reason else _list


def _mapping(name: str) -> Any:
    """Return what the loader calls instead of a subclass of dict: it makes plain ones."""

    def made(_: Any, *given: Any) -> OrderedDict[Any, Any]:
        """Keep the arguments, if there are any."""
        return OrderedDict(value=list(given)) if given else OrderedDict()

    return type("Mapping", (), {"__new__": made, "made_by": name})


def _list(name: str) -> Any:
    """Return what the loader calls instead of a subclass of list, or a deque: it makes lists."""

    def made(_: Any, *given: Any) -> list[Any]:
        """Keep the arguments, if there are any, but for the length of a deque."""
        return [] if name == "collections.deque" else list(given)

    return type("List", (), {"__new__": made, "made_by": name})


def _whole(torch: Any, data: bytes) -> Any:
    """Return what the loader makes of a file; ValueError if that is the first of several."""
    stream = io.BytesIO(data)
    value = torch.load(stream, map_location="cpu", weights_only=True)
    if not data.startswith(_ZIP) and stream.read(1):
        raise ValueError("it holds more behind what was saved first")
    return value


def _stand_in(name: str) -> Any:
    """Return what the loader calls instead of a class or function of this name."""
    if name == "collections.defaultdict":
        return lambda *_: {}  # it sets entries of its own mappings alone
    return type(f"{_TOLD}{name}", (_Told,), {"made_by": name})


def _plain(value: Any, known: dict[int, Any]) -> Any:
    """Return a value with what is told of objects in plain mappings, lists and arrays.

    `known` has what is done, None for what a value inside itself is not done with yet.
    """
    if id(value) in known:
        return known[id(value)]
    known[id(value)] = None
    found = value
    if isinstance(value, type) and issubclass(value, _Told):
        found = value.made_by
    elif isinstance(value, _Told):
        found = _function(value)
        found = _numbers(value) if found is None else found
        found = _attributes(value, known) if found is None else found
    elif isinstance(value, Mapping):
        found = {
            name.made_by if isinstance(name, _Told) else name: _plain(entry, known)
            for name, entry in (_items_of_object(value) | dict(value)).items()
        }
    elif isinstance(value, list | tuple):
        found = [_plain(entry, known) for entry in value]
    known[id(value)] = found
    return found


def _items_of_object(value: Any) -> dict[Any, Any]:
    """Return the attributes of a mapping of another class; none of a state dict and of others."""
    state = vars(value) if isinstance(value, OrderedDict) else {}
    return {name: entry for name, entry in state.items() if name != "_metadata"}


def _attributes(told: _Told, known: dict[int, Any]) -> Any:
    """Return the class of an object with its attributes, and what it is made of; the text alone
    that an enum or a version is made of, and a path.
    """
    if _is_module(told):
        raise ValueError(f"it holds the module itself, {told.made_by}, which is a program")
    value = [_plain(one, known) for one in told.given]
    if told.made_by.startswith("pathlib."):
        return PurePosixPath(*map(str, value))
    if told.state is None and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    found: dict[Any, Any] = {"class": told.made_by}
    # attributes, or those of __dict__ and of __slots__
    parts = told.state if isinstance(told.state, tuple) else (told.state,)
    for part in parts:
        if isinstance(part, Mapping):
            found |= _plain(part, known)
        elif part is not None:
            value.append(_plain(part, known))
    return found | ({"value": value} if value else {})


def _is_module(told: Any) -> bool:
    """Whether an object has parameters, as modules of PyTorch have them, or parts that do."""
    state = getattr(told, "state", None)
    if not isinstance(state, Mapping):
        return False
    own, parts = state.get("_parameters"), state.get("_modules")
    return any(one is not None for one in (own or {}).values()) or any(
        map(_is_module, (parts or {}).values())
    )


def _function(told: _Told) -> str | None:
    """Return the name of a function that a file looks up in a class, as torch.relu."""
    if told.made_by != "builtins.getattr" or len(told.given) != 2:
        return None
    owner, name = told.given
    return f"{getattr(owner, 'made_by', '')}.{name}"


def _numbers(told: _Told) -> Any:
    """Return the number or array of NumPy that an object is; None if it is neither."""
    if told.made_by.endswith(_SCALAR) and len(told.given) == 2:
        dtype, raw = told.given
        array = _array((), dtype, raw, "C")
        return None if array is None else array[()]
    if told.made_by.endswith(_ARRAY) and isinstance(told.state, tuple) and len(told.state) == 5:
        _, shape, dtype, fortran, raw = told.state
        return _array(shape, dtype, raw, "F" if fortran else "C")
    return None


def _array(shape: tuple[int, ...], told: Any, raw: Any, order: Any) -> NDArray[Any] | None:
    """Return an array of numbers from its bytes; None for other types."""
    if not (isinstance(told, _Told) and isinstance(told.state, tuple) and isinstance(raw, bytes)):
        return None
    code, byte_order = str(told.given[0]), str(told.state[1])
    if code[:1] not in _KINDS:
        return None
    dtype = np.dtype(f"{byte_order if byte_order in '<>' else '='}{code}")
    return np.frombuffer(raw, dtype=dtype).reshape(shape, order=order)
