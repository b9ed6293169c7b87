"""Files of settings beside that of a network, as scripts, Lightning and Hydra write them: whether
they say that it is another function than its layers with ReLU between.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

from univariate.common.nets.between import PREPARED, first_against
from univariate.common.nets.names import DATA, word_set, words_of
from univariate.common.nets.siblings import first_of_scaling
from univariate.common.nets.stated import stated

_FILES: Final = ("config.json", "args.json", "hparams.yaml", "config.yaml", ".hydra/config.yaml")
_INNER: Final = ("checkpoints", "ckpt", "ckpts", "models", "weights")
"""Folders of networks inside that of a run."""

_DEEPEST: Final = 8  # levels, as for activations
_REFERENCE: Final = "${"
"""What texts begin with that OmegaConf looks up elsewhere."""

_LARGEST: Final = 200_000  # bytes; larger ones are no settings

_OBJECTS: Final = DATA | PREPARED | word_set("divisor divide divider subtract subtrahend")
"""Words that say that inputs or outputs are shifted or scaled."""

_MEANS: Final = word_set("mean means mu")
_DEVIATIONS: Final = word_set("std stds sd sigma var variance")
_LAWS: Final = word_set("distribution dist law density sampler mixture prior noise")
"""Words of what data are drawn from, which has means and deviations, too."""


def said_beside(path: str, depth: int | None, passed: str = "") -> list[str]:
    """Return what files of settings in the folder of a network, or above a folder of checkpoints,
    say against ReLU between its `depth` layers and nothing before and after them, one entry of each
    file, as "'args.json.act' = 'tanh'"; `passed` is the name of one that is not asked.
    """
    found = []
    for file in _files_of(path):
        name = file.relative_to(file.parents[1]) if file.parent.name == ".hydra" else file.name
        settings = None if file.name == passed else _settings_in(file)
        if settings is not None:
            found += _against(str(name), settings, depth)
    return found


def _files_of(path: str) -> list[Path]:
    """Return the files of settings that there are; none of them is the network itself."""
    try:
        places = dict.fromkeys([Path(os.path.abspath(path)), Path(os.path.realpath(path))])
    except OSError:  # the working folder is gone
        return []
    folders: dict[Path, None] = {}
    for place in places:
        folder = place.parent
        folders[folder] = None
        if folder.name in _INNER:
            folders[folder.parent] = None
    files = [folder / name for folder in folders for name in _FILES]
    return [file for file in files if file not in places and file.is_file()]


def _settings_in(file: Path) -> Any:
    """Return the settings in a file; None if they are not readable."""
    try:
        if file.stat().st_size > _LARGEST:
            return None
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".json":
            return _without_references(json.loads(text))
        from univariate.common.reading.yaml_settings import settings_of_yaml

        return _without_references(settings_of_yaml(text))
    except (OSError, ValueError, RecursionError):
        return None


def _without_references(value: Any) -> Any:
    """Return settings without texts that are looked up elsewhere."""
    if isinstance(value, dict):
        entries = {key: _without_references(entry) for key, entry in value.items()}
        return {key: entry for key, entry in entries.items() if not _is_reference(entry)}
    if isinstance(value, list):
        return [_without_references(entry) for entry in value if not _is_reference(entry)]
    return value


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_REFERENCE)


def _against(name: str, settings: Any, depth: int | None) -> list[str]:
    """Return the first entry against what is assumed, stated; empty if there is none."""
    above, slash, file = name.rpartition("/")  # names that begin with a point lose it
    whole = {file: settings}
    said = first_against(whole, [], depth)
    if said is not None:
        path, value = said
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        return [stated(f"{above}{slash}{path}", text)]
    scaling = first_of_scaling(_with_object(whole))
    return [f"{f'{above}{slash}{scaling}'!r} (may be of a scaling)"] if scaling is not None else []


def _with_object(value: Any, *, is_told: bool = False, levels: int = _DEEPEST) -> Any:
    """Return settings without numbers whose names do not say what they shift or scale: sigma may be
    of noise, and scale of first weights. That of x_mean is told, and so is that of a mean with a
    deviation beside it, but in a law.
    """
    if not levels:
        return None
    if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        return [_with_object(entry, is_told=is_told, levels=levels - 1) for entry in value]
    if not isinstance(value, dict):
        return value if is_told or isinstance(value, str) else None
    words = {key: words_of(str(key)) for key in value}
    is_told = is_told or all(
        any(one and one <= known for one in words.values()) for known in (_MEANS, _DEVIATIONS)
    )
    return {
        key: _with_object(
            entry, is_told=is_told or not words[key].isdisjoint(_OBJECTS), levels=levels - 1
        )
        for key, entry in value.items()
        if words[key].isdisjoint(_LAWS)
    }
