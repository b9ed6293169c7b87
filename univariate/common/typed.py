"""Messages of the library in the words of whoever typed a command.

The library names its arguments, in backticks; a command line has options and arguments instead:
«`m` must be …» becomes «`--m` must be …», a `path` the option whose value it is.
"""

import errno
import re
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from typing import Any, Final, get_args

_QUOTED: Final = re.compile(r"`([A-Za-z_][\w-]*)`")

_UNWRITABLE: Final = {
    errno.ENOSPC: "make room",
    errno.EBADF: "it is closed, send it to a file or to /dev/null",
}
"""What keeps standard output from being written, and what to do."""


def typed_names(command: Callable[..., object]) -> dict[str, str]:
    """Return how the parameters of a command are typed, from the annotations that make them so."""
    found: dict[str, str] = {}
    for name, parameter in signature(command, eval_str=True).parameters.items():
        given = next(iter(get_args(parameter.annotation)[1:]), None)
        # in an annotation the first name is where a default would be
        declared = (getattr(given, "default", None), *(getattr(given, "param_decls", None) or ()))
        options = (one for one in declared if isinstance(one, str) and one.startswith("--"))
        option = next(options, f"--{name}")
        is_option = type(given).__name__ != "ArgumentInfo"
        found[name] = option.replace("_", "-") if is_option else name.upper()
    return found


def in_typed_words(
    text: str,
    names: Mapping[str, str],
    values: Mapping[str, Any],
    aliases: Mapping[str, str],
) -> str:
    """Return a message with the names that were typed.

    Parameters
    ----------
    text : str
    names : mapping
        Parameter → as typed.
    values : mapping
        Parameter → what was typed.
    aliases : mapping
        Name in the library → parameter.
    """

    def typed(match: re.Match[str]) -> str:
        """Return a name in backticks as it was typed."""
        name = match[1].replace("-", "_")
        if name == "path":
            name = _named_in(text, values) or name
        name = aliases.get(name, name)
        return f"`{names.get(name, match[1])}`"

    return _QUOTED.sub(typed, text)


def _named_in(text: str, values: Mapping[str, Any]) -> str:
    """Return the parameter whose value, a path, a message quotes; "" if there is none."""
    for name, value in values.items():
        if isinstance(value, Path) and any(
            f"'{place}'" in text for place in (value, value.absolute(), value.resolve())
        ):
            return name
    return ""


def said(error: BaseException) -> str:
    """Return what an error says, with what it leaves out."""
    text = str(error)
    if isinstance(error, MemoryError):
        return f"not enough memory for sizes as these ({text or type(error).__name__}); lower them"
    if isinstance(error, OSError) and error.errno in _UNWRITABLE and error.filename is None:
        remedy = _UNWRITABLE[error.errno]
        return f"standard output cannot be written: {error.strerror}; {remedy}"
    if isinstance(error, FileNotFoundError) and error.errno is not None and error.filename is None:
        return "the current folder is gone: it was removed or renamed; change to one that exists"
    return text or type(error).__name__
