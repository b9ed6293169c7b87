"""Files of settings beside that of a network, as scripts, Lightning and Hydra write them: whether
they say that it is another function than its layers with ReLU between.

Of YAML lines of `key: value`, nested by indentation, and lists are read; no anchors.
"""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

from univariate.common.nets.between import first_against
from univariate.common.nets.siblings import first_of_scaling
from univariate.common.nets.stated import stated

_FILES: Final = ("config.json", "args.json", "hparams.yaml", "config.yaml", ".hydra/config.yaml")
_INNER: Final = ("checkpoints", "ckpt", "ckpts", "models", "weights")
"""Folders of networks inside that of a run."""

_LARGEST: Final = 1_000_000  # bytes; larger ones are no settings
_PAIR: Final = re.compile(r"(?P<key>[A-Za-z_][\w.-]*|'[^']*'|\"[^\"]*\") *:(?: +(?P<value>.*))?")
_NOTE: Final = re.compile(r"(?:^|\s)#.*")
_TAG: Final = re.compile(r"!\S+ *")
_REFERENCES: Final = ("${", "*", "&")
"""What values begin with that are elsewhere."""

_NOTHING: Final = ("", "~", "null", "Null", "NULL")
_SWITCHES: Final = {
    **dict.fromkeys(("true", "True", "yes", "on"), True),
    **dict.fromkeys(("false", "False", "no", "off"), False),
}


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
        text = file.read_text(encoding="utf-8")
        return json.loads(text) if file.suffix == ".json" else settings_of_yaml(text)
    except (OSError, ValueError, RecursionError):
        return None


def _against(name: str, settings: Any, depth: int | None) -> list[str]:
    """Return the first entry against what is assumed, stated; empty if there is none."""
    whole = {name: settings}
    said = first_against(whole, [], depth)
    if said is not None:
        path, value = said
        return [stated(path, ", ".join(map(str, value)) if isinstance(value, list) else value)]
    scaling = first_of_scaling(whole)
    return [f"{scaling!r} (of a scaling)"] if scaling is not None else []


def settings_of_yaml(text: str) -> dict[str, Any]:
    """Return the settings in lines of `key: value`; nested ones are more indented than their name,
    or items of a list that begin with a dash. Lines of another kind are passed over.
    """
    found: dict[str, Any] = {}
    inside: list[tuple[int, dict[str, Any]]] = [(-1, found)]
    for line in text.expandtabs().splitlines():
        body = _NOTE.sub("", line).strip()
        indent = len(line) - len(line.lstrip())
        while body.startswith("- "):
            while inside[-1][0] > indent:
                inside.pop()
            item: dict[str, Any] = {}
            held = inside[-1][1]
            number = str(len(held))
            body = body[2:].strip()
            held[number] = _value_of(body)
            if _PAIR.fullmatch(body) or body.startswith("- "):
                held[number] = item
                inside.append((indent + 1, item))
                indent += 2
        pair = _PAIR.fullmatch(body)
        if pair is None:
            continue
        while inside[-1][0] >= indent:
            inside.pop()
        key = pair["key"].strip("'\"")
        value = _TAG.sub("", pair["value"] or "").strip()
        if value.startswith(_REFERENCES):
            continue
        if value:
            inside[-1][1][key] = _value_of(value)
        else:
            below: dict[str, Any] = {}
            inside[-1][1][key] = below
            inside.append((indent, below))
    return {key: _with_lists(value) for key, value in found.items()}


def _with_lists(value: Any) -> Any:
    """Return settings with lists where all keys are numbers in a row; nothing for empty ones."""
    if not isinstance(value, dict):
        return value
    inside = {key: _with_lists(entry) for key, entry in value.items()}
    is_list = list(inside) == [str(k) for k in range(len(inside))]
    return (list(inside.values()) or None) if is_list else inside


def _value_of(text: str) -> Any:
    """Return the value that a text of YAML is, itself where it is none of a known kind."""
    if text in _NOTHING:
        return None
    if text in _SWITCHES:
        return _SWITCHES[text]
    if text[0] == text[-1] == "'" or text[0] == text[-1] == '"':
        return text[1:-1]
    if text.startswith("[") and text.endswith("]"):
        return [_value_of(one.strip()) for one in text[1:-1].split(",")]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
