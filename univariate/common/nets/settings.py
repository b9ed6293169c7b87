"""Texts and objects beside a network as the settings that they hold."""

import json
import os
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

import numpy as np

_SETTING: Final = re.compile(
    r"(?:\b([A-Za-z_]\w*)[\"']?\s*[:=]|(?<![\w-])--([A-Za-z][\w-]*)[ =])"
    r"\s*[\[(\"']*([^\s,;()\[\]{}\"']+)"
)
"""One of the settings in a text: a name, or an option of a command line, and its value. Options
begin at the first --, or --a--a--… would take time of its square.
"""

LONGEST: Final = 1_000_000
"""Letters of a text of settings: to look at so many takes ten seconds. Longer ones are logs."""

_PYTHON: Final = {"True": "true", "False": "false"}

_BOXES: Final = {"omegaconf.": ("_content", "_val"), "ml_collections.": ("_fields", "_value")}
"""Attributes in which classes of a package keep the settings themselves."""


def opened(value: Any) -> Any:
    """Return the settings or numbers that a text holds, as JSON, name: value, name=value or
    --name value; any other text, longer ones, and what is no text, as it is.
    """
    if not isinstance(value, str) or len(value) > LONGEST:
        return value
    try:
        found = json.loads(_PYTHON.get(value, value))
    except (ValueError, RecursionError):
        settings = dict.fromkeys(_SETTING.findall(value))  # once each, as of a log
        found = [{name or option: said} for name, option, said in settings]
    return value if isinstance(found, str) or found == [] else found


def bare(text: str) -> str:
    """Return a text without the settings in it, which are told apart."""
    return "" if isinstance(opened(text), Mapping) else _SETTING.sub(" ", text)


def is_object(value: Any) -> bool:
    """Whether a value is none of those that files hold, but has attributes."""
    if isinstance(value, tuple):
        return hasattr(value, "_fields")
    plain = isinstance(value, str | int | float | complex | bytes | Mapping | list | set)
    if plain or (hasattr(value, "shape") and hasattr(value, "dtype")):
        return False  # settings may be called shape, too
    return hasattr(value, "__dict__") or bool(_attributes(value))


def told(value: Any) -> Any:
    """Return what an object says by its attributes, as a Namespace, a dataclass and a module do;
    the name of a class or function; what an enum and an array of no axes holds; what containers of
    settings hold, as those of OmegaConf do. What is plain comes back as it is.
    """
    found = _unboxed(_told(value))
    return [told(one) for one in found] if found is not value and _is_list(found) else found


def _unboxed(value: Any) -> Any:
    """Return what a container of settings holds, told by its class; anything else as it is."""
    if not isinstance(value, Mapping):
        return value
    kind = str(value.get("class"))
    names = next((names for package, names in _BOXES.items() if kind.startswith(package)), ())
    held = [value[name] for name in names if name in value]
    return told(held[0]) if held else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return value  # some raise if they are asked for attributes, or have all
    if isinstance(value, Enum):
        return {"name": value.name, "value": value.value}
    if isinstance(value, os.PathLike):
        return str(value)
    if isinstance(value, np.dtype):
        return value.name
    if not is_object(value) and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return value.item()
    if callable(value) and hasattr(value, "__name__"):
        return f"{value.__module__}.{value.__name__}"
    if not is_object(value):
        return value
    return {"class": f"{type(value).__module__}.{type(value).__name__}", **_attributes(value)}


def _attributes(value: Any) -> dict[str, Any]:
    """Return what is in an object: in its __dict__, its __slots__, its fields."""
    names = list(getattr(value, "_fields", ())) if isinstance(value, tuple) else []
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        names += [slots] if isinstance(slots, str) else slots
    found = {name: getattr(value, name) for name in names if hasattr(value, name)}
    return found | getattr(value, "__dict__", {})
