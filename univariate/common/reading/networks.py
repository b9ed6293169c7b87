"""Networks in files: arrays of this package or by the names v, w, b, and state dicts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from univariate.common.files import PathLike
from univariate.common.nets.beside import entries_beside, passed_over
from univariate.common.nets.between import require_relu
from univariate.common.nets.checkpoint import is_weight
from univariate.common.nets.named_layers import NamedLayers, require_no_codes
from univariate.common.nets.names import is_of_training
from univariate.common.nets.siblings import require_of_training
from univariate.common.nets.state_dict import layers_of_state_dict
from univariate.common.nets.unasked import unasked
from univariate.common.nets.warned import complaint_of, doubts_of, warn_of
from univariate.common.reading.contents import Contents, read_contents
from univariate.common.reading.kinds import Kind
from univariate.common.reading.places import names_on
from univariate.common.reading.settings_files import said_beside
from univariate.common.reading.table import Table

_TEXT: Final = (
    "is no network, it is text; is it the data? Save a network by its .save or by"
    " torch.save(model.state_dict(), path)"
)

_OURS: Final = ("univariate.", "highdim.")
"""What schemas of this package begin with."""

_PRETRAINED: Final = ("model.safetensors", "pytorch_model.bin")
"""What weights are called in a folder whose config.json says how they are used."""


class RawNetwork(NamedTuple):
    """What a file says of a network; one of `arrays` and `layers` is empty."""

    path: str
    schema: str
    """Of a file of this package, else empty."""
    arrays: Mapping[str, Any]
    """By name: of this package, or v, w, b and the like."""
    layers: NamedLayers
    """Of a state dict, ReLU assumed between them, or of an ONNX model."""
    told: bool = False
    """Whether the file says what is between its layers."""
    beside: Sequence[str] = ()
    """Names of what else is in a file of layers, which was not taken into account."""
    unasked: Sequence[str] = ()
    """What of it is not known to be of training alone, with values; the name of the file, too."""
    doubts: Sequence[str] = ()
    """What names of layers let suspect."""
    around: bool = False
    """Whether some of what is unasked is of names and of files beside, not in the file."""

    def warn(self) -> None:
        """Warn of what was not taken into account, as functions do."""
        warn_of(self.unasked, repr(self.path), self.doubts, told=self.told, around=self.around)

    def complaint(self) -> str:
        """Return what a command says in the place of that warning; empty if there is none."""
        return complaint_of(self.unasked, repr(self.path), self.doubts, told=self.told)


def read_network(path: PathLike, key: str | None = None) -> RawNetwork:
    """Read a network from a file of any kind that is known, told by its content.

    Parameters
    ----------
    path : path
        Arrays of this package; arrays of `numpy.savez` or JSON, by the names v, w, b or those of
        layers, as <layer>.weight and <layer>.bias; a state dict of PyTorch or safetensors, bare or
        in a checkpoint; an ONNX model, by the package onnx.
    key : str, optional
        Which network of a checkpoint that holds several, see `layers_of_state_dict`.

    Raises
    ------
    FileNotFoundError, ModuleNotFoundError
        No such file; PyTorch is needed and not installed.
    ValueError
        Not readable, no network, or several; model.safetensors or pytorch_model.bin beside a
        config.json that names another activation; the message says what to do.
    """
    found = read_contents(path, {Kind.TABLE: _TEXT})
    value = found.value
    if not isinstance(value, Mapping):
        raise ValueError(f"{found.path!r} is no network: {_instead(found)}")
    depth = sum(map(is_weight, value))
    settings = _settings_beside(Path(found.path), depth)
    if found.kind is Kind.ONNX:
        _require_no_key(found, key)
        notes = list(found.notes.items())
        said, beside = unasked(notes, dict(value)), passed_over(notes)
        return RawNetwork(found.path, "", {}, dict(value), True, beside=beside, unasked=said)
    if found.kind is Kind.ARCHIVE and "schema" in value:
        return _of_package(found, key)
    if str(value.get("schema")).startswith(_OURS):
        raise ValueError(
            f"{found.path!r} is no network, it holds {value['schema']!r}, what was found about one;"
            " pass the network itself, as .save and --save-net write it"
        )
    try:
        require_of_training(found.notes, [])
        require_relu(found.notes, [], depth)
        if key is None and _has_plain_names(value):
            for name, array in value.items():
                require_no_codes(str(name), array)
            return _of_arrays(found)
        layers = layers_of_state_dict(value, key, ordered=found.kind is not Kind.SAFETENSORS)
    except (ValueError, TypeError) as error:
        text = str(error).removeprefix("`model` ")
        raise type(error)(f"{found.path!r} {text}") from None
    if not layers:
        raise ValueError(f"{found.path!r} is no network: it holds nothing; save it again")
    return _of_layers(found, layers, settings, key)._replace(doubts=doubts_of(layers, key))


def _of_layers(
    found: Contents, layers: NamedLayers, settings: Mapping[str, Any], key: str | None
) -> RawNetwork:
    """Return the network of these layers with what else is in their file, and in settings."""
    notes = {str(name): text for name, text in found.notes.items()} | dict(settings)
    passed = [*entries_beside(found.value), *notes.items()]
    entries = [*entries_beside(found.value, key), *notes.items()]
    # a config.json that is taken for that of the weights is asked once
    files = said_beside(found.path, len(layers), next(iter(settings), ""))
    names = names_on(found.path)
    return RawNetwork(
        found.path,
        "",
        {},
        layers,
        beside=passed_over(passed),
        unasked=[*names, *unasked(entries, layers), *files],
        around=bool(names or files),
    )


def _of_arrays(found: Contents) -> RawNetwork:
    """Return the network of arrays v, w, b with what beside them, all of training, names another
    activation.
    """
    texts = [(str(name), entry) for name, entry in found.value.items() if is_of_training(name)]
    said = unasked([*texts, *found.notes.items()], {})
    pairs = found.value.get("layers")
    depth = len(pairs) if isinstance(pairs, list) else 2
    names, files = names_on(found.path), said_beside(found.path, depth)
    everything, around = [*names, *said, *files], bool(names or files)
    return RawNetwork(found.path, "", found.value, {}, unasked=everything, around=around)


def _settings_beside(path: Path, depth: int) -> dict[str, Any]:
    """Return the settings in the folder of weights, if there are any; refuse those that name
    another activation or a scaling.
    """
    config = path.with_name("config.json")
    if path.name not in _PRETRAINED or not config.is_file():
        return {}
    try:
        settings = json.loads(config.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}  # not the settings that are meant
    try:
        require_of_training(settings, [])
        require_relu(settings, [], depth)
    except ValueError as error:
        raise ValueError(
            f"{str(path)!r} is not alone in its folder: {config.name!r}"
            f" {str(error).removeprefix('`model` ')}"
        ) from None
    return {config.name: settings}


def _has_plain_names(value: Mapping[Any, Any]) -> bool:
    """Whether arrays are called v and w, W or W1, or one is a list of pairs; no state dicts."""
    names = set(value)
    pairs = value.get("layers")
    are_pairs = isinstance(pairs, list) and all(isinstance(pair, list) for pair in pairs)
    known = are_pairs or ("v" in names and not names.isdisjoint(("w", "W", "W1")))
    return known and not any(isinstance(entry, Mapping) for entry in value.values())


def refuse_others(raw: RawNetwork, *names: str) -> None:
    """Raise ValueError for arrays besides those of a network, which may belong to it as well, but
    for those of training.
    """
    others = [str(name) for name in raw.arrays if name not in names and not is_of_training(name)]
    if others:
        raise ValueError(
            f"{raw.path!r} must hold the arrays {', '.join(names)} alone, got {', '.join(others)}"
            " besides; an output bias is one more neuron, append it to v, 0 to the weights and 1 to"
            " b, or save layers by torch.save; leave out what is not of the network"
        )


def _of_package(found: Contents, key: str | None) -> RawNetwork:
    arrays = dict(found.value)
    schema = arrays.pop("schema")
    if schema.shape != () or schema.dtype.kind != "U":
        raise ValueError(f"{found.path!r} names no schema; save it with this package's .save")
    _require_no_key(found, key)
    return RawNetwork(found.path, str(schema), arrays, {})


def _require_no_key(found: Contents, key: str | None) -> None:
    if key is not None:
        raise ValueError(f"`key` must be left out, {found.path!r} holds one network; drop it")


def _instead(found: Contents) -> str:
    if isinstance(found.value, Table):
        return "it is a list of records; is it the data? Save a network by numpy.savez or torch"
    if found.kind is Kind.ARRAY:
        return (
            f"it holds one array of shape {found.value.shape}; save all of them by"
            " numpy.savez(path, v=v, w=w, b=b)"
        )
    return (
        f"it is {found.kind.value} that holds {type(found.value).__name__}; save it by"
        " torch.save(model.state_dict(), path)"
    )
