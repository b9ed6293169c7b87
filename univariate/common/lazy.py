"""Public names of a package that load their modules when first used.

A package lists them once, as imports under ``if TYPE_CHECKING:``, where type checkers and readers
look for them; the same list, read from the source, says at run time where each name comes from.
"""

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def public_names(package: str, source: str) -> tuple[list[str], Callable[[str], Any]]:
    """Return ``__all__`` and ``__getattr__`` of a package with this ``__file__``.

    Costs about a millisecond.
    """
    origins = _origins(Path(source).read_text(encoding="utf-8"))

    def load(name: str) -> Any:
        """Return what a public name stands for."""
        if name not in origins:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(origins[name]), name)
        _show_shortly(found, package)
        return found

    return sorted(origins), load


class _Words:
    """An annotation that shows itself as these words."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __repr__(self) -> str:
        return self.words


def _show_shortly(found: Any, package: str) -> None:
    """Give `help` a signature that can be read, without the modules in front of names; the
    annotations themselves stay as they are.
    """
    from inspect import signature

    own = str(getattr(found, "__module__", "")).partition(".")[0] == package
    if not own or "__signature__" in vars(found):
        return
    try:
        whole = signature(found)
        parts = [
            one.replace(annotation=_shortly(one.annotation)) for one in whole.parameters.values()
        ]
        result = _shortly(whole.return_annotation)
        found.__signature__ = whole.replace(parameters=parts, return_annotation=result)
    except (TypeError, ValueError, AttributeError):
        return  # no signature, or none that can be kept


def _shortly(annotation: Any) -> Any:
    import re
    from inspect import Signature, formatannotation

    if annotation is Signature.empty:
        return annotation
    text = annotation if isinstance(annotation, str) else formatannotation(annotation)
    text = re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z_])", "", text)
    return _Words(re.sub(r"ndarray\[tuple\[.*?\], dtype\[(\w+)\]\]", r"ndarray[\1]", text))


def _origins(source: str) -> dict[str, str]:
    """Name → module of every import under ``if TYPE_CHECKING:``."""
    blocks = [node for node in ast.parse(source).body if isinstance(node, ast.If)]
    imports = [line for block in blocks for line in block.body if isinstance(line, ast.ImportFrom)]
    return {one.name: str(line.module) for line in imports for one in line.names}
