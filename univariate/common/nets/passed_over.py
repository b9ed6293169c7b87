"""What a file holds beside its network, by name: all that could say more of the network than its
layers do, and is not asked.

Names of activations and scalings are refused where they are known. What they may be called has no
end, so what is passed over is said.
"""

from collections.abc import Mapping
from typing import Any, Final

from univariate.common.nets.beside import entries_beside
from univariate.common.nets.names import is_of_training
from univariate.common.nets.settings import opened, told

_MOST: Final = 12  # names on one level
_LONGEST: Final = 60  # letters of a name


def passed_over(model: Mapping[Any, Any], notes: Mapping[str, Any]) -> list[str]:
    """Return the names of what lies beside the networks of a checkpoint, and of its notes; settings
    with theirs, as "config (lr, width)".
    """
    noted = [(str(name), text) for name, text in notes.items()]
    return _shortened([_named(path, entry) for path, entry in entries_beside(model) + noted])


def _shortened(names: list[str]) -> list[str]:
    """Return names; where there are many those of training go last, and the last are counted."""
    more = len(names) - _MOST
    if more <= 1:
        return names
    return [*sorted(names, key=is_of_training)[:_MOST], f"{more} more"]


def _named(path: str, entry: Any) -> str:
    """Return the name of an entry, those of settings behind it."""
    path = path if len(path) <= _LONGEST else f"{path[:_LONGEST]}…"
    path = path or "''"
    settings = told(opened(entry))
    if isinstance(entry, str) and isinstance(settings, list):  # name=value, one after the other
        settings = {
            name: said for one in settings if isinstance(one, dict) for name, said in one.items()
        }
    if not isinstance(settings, Mapping) or not all(isinstance(one, str) for one in settings):
        return path
    inside = ", ".join(_shortened([name[:_LONGEST] for name in settings]))
    return f"{path} ({inside})" if inside else path
