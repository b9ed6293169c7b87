"""What names of layers let suspect: blocks whose inputs are added to their outputs.

The layers of a residual network fit one another as those of a chain do, and no array says that
inputs go past them. Its blocks, which have as many outputs as inputs, are modules of their own.
"""

import re
from typing import Final, NamedTuple

from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.names import spelled, word_set
from univariate.common.nets.stated import cut

_BLOCKS: Final = word_set("block blocks")
_NUMBER: Final = re.compile(r"\d+")
_ALONE: Final = re.compile(r"(?:.*[._])?block_?\d+", re.IGNORECASE)
"""A layer that is a block, as block1."""

_LISTED: Final = re.compile(r"(?:.*\.)?blocks\.\d+")
"""One of a list of layers; a list of all layers is a chain."""


class _Module(NamedTuple):
    """Some layers in a row, of one module."""

    name: str
    kind: str
    """Its name, with the numbers left open."""
    members: tuple[str, ...]
    is_square: bool
    """Whether its outputs can be added to its inputs."""


def blocks_in(layers: NamedLayers) -> list[str]:
    """Return what says that a network may be residual, in words; empty if nothing does: modules of
    several layers each that are alike, as blocks.0.fc1, blocks.0.fc2, blocks.1.fc1, …, and modules
    that are called blocks, or layers block1, block2, …, or blocks.0, … between others, if they have
    as many outputs as inputs.
    """
    modules = [one for one in _modules(layers) if one.is_square]
    kinds = [(one.kind, one.members) for one in _modules(layers) if len(one.members) > 1]
    found = [
        one.name
        for one in modules
        if _is_called_block(one.name) or kinds.count((one.kind, one.members)) > 1
    ]
    between = not all(map(_LISTED.fullmatch, layers))
    found += [
        name
        for name, (weight, _) in layers.items()
        if (_ALONE.fullmatch(name) or (between and _LISTED.fullmatch(name)))
        and len(weight) == weight.shape[1]
    ]
    if not found:
        return []
    others = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return [f"layers in {cut(found[0])!r}{others}, by the names those of residual blocks"]


def _modules(layers: NamedLayers) -> list[_Module]:
    """Return the modules that layers are in, but for those that hold all of them."""
    inside: dict[str, list[str]] = {}
    for name in layers:
        parts = name.split(".")
        for k in range(1, len(parts)):
            inside.setdefault(".".join(parts[:k]), []).append(name)
    return [
        _module(path, names, layers) for path, names in inside.items() if len(names) < len(layers)
    ]


def _module(path: str, names: list[str], layers: NamedLayers) -> _Module:
    inputs = layers[names[0]][0].shape[1]
    outputs = len(layers[names[-1]][0])
    members = tuple(name.removeprefix(f"{path}.") for name in names)
    # blocks.0 is one of several, blocks is none that repeats
    kind = _NUMBER.sub("#", path) if _NUMBER.search(path.rpartition(".")[2]) else path
    return _Module(path, kind, members, inputs == outputs)


def _is_called_block(path: str) -> bool:
    """Whether a module is called a block, or is one of those in a list of that name."""
    above, _, last = path.rpartition(".")
    own = above.rpartition(".")[2] if last.isdecimal() else last
    is_list = own == last and "blocks" in spelled(own) and not _NUMBER.search(own)
    return not is_list and not _BLOCKS.isdisjoint(spelled(own))
