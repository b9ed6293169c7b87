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


class _Signature:
    """A signature of one class; those that derive from it, and its instances, have their own."""

    def __init__(self, owner: type, signature: Any) -> None:
        self.owner = owner
        self.signature = signature

    def __get__(self, instance: Any, owner: type) -> Any:
        """Return it to its class, and to others None, by which `inspect` looks for itself."""
        return self.signature if instance is None and owner is self.owner else None


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
        shown = whole.replace(parameters=parts, return_annotation=result)
        found.__signature__ = _Signature(found, shown) if isinstance(found, type) else shown
    except (TypeError, ValueError, AttributeError):
        return  # no signature, or none that can be kept


def _shortly(annotation: Any) -> Any:
    import re
    from inspect import Signature

    from numpy.typing import ArrayLike

    if annotation is Signature.empty:
        return annotation
    text = re.sub(r"ndarray\[tuple\[.*?\], dtype\[(\w+)\]\]", r"ndarray[\1]", _bare(annotation))
    # what numpy calls so is a union of ten types, which is part of other unions
    union = _bare(ArrayLike).removeprefix("Union[").removesuffix("]")
    text = text.replace(union, "ArrayLike").replace("Union[ArrayLike]", "ArrayLike")
    return _Words(text)


def _bare(annotation: Any) -> str:
    """Return an annotation in words, without the modules in front of names."""
    import re
    from inspect import formatannotation

    text = annotation if isinstance(annotation, str) else formatannotation(annotation)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z_])", "", text)


def _origins(source: str) -> dict[str, str]:
    """Name → module of every import under ``if TYPE_CHECKING:``."""
    blocks = [node for node in ast.parse(source).body if isinstance(node, ast.If)]
    imports = [line for block in blocks for line in block.body if isinstance(line, ast.ImportFrom)]
    return {one.name: str(line.module) for line in imports for one in line.names}
