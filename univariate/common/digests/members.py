"""What objects hold, in an order that is the same in every process."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import FunctionType, MemberDescriptorType
from typing import Any, Final

import numpy as np

_DATA: Final = (int, float, complex, str, bytes, np.generic, np.ndarray)
_CONTAINERS: Final = (list, tuple, set, frozenset, Mapping)
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


def in_order(values: Iterable[Any], told: Callable[[Any], str] = lambda _: "") -> list[Any]:
    """Return keys or members in an order that is the same in every process: addresses and the order
    of sets, which are not, say nothing. Those of one text come by what is `told` of them.
    """
    texts = [(_text(one), one) for one in values]
    counts = Counter(text for text, _ in texts)
    keys = [(text, told(one) if counts[text] > 1 else "") for text, one in texts]
    return [texts[k][1] for k in sorted(range(len(keys)), key=keys.__getitem__)]


def _text(value: Any) -> str:
    """Return how a value is shown, without addresses; where a set may be in it, letter by letter in
    the order of the alphabet.
    """
    text = _ADDRESS.sub("", repr(value))
    return "".join(sorted(text)) if "{" in text and not isinstance(value, str | bytes) else text


def attributes(value: Any, is_own: Callable[[type], bool]) -> list[str]:
    """Return the names of the fields of a record, and of all that an object of a class of the
    user's holds, in slots too.
    """
    kind = type(value)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    if not is_own(kind):
        return names
    held = set(getattr(value, "__dict__", ()))
    for base in filter(is_own, kind.__mro__):
        held |= {name for name, one in vars(base).items() if isinstance(one, MemberDescriptorType)}
    return names + sorted(held.difference(names))


def given(holder: FunctionType | type, node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the data that a function or a class has as attributes and that its definition does not
    tell: what it was given from outside, or what the body of the class computes.
    """
    said = literals(node)
    for name, value in sorted(vars(holder).items()):
        if is_open_data(name, value, said) and said.get(name) != literal_of(value):
            yield name, value


def is_open_data(name: str, value: Any, said: Mapping[str, str]) -> bool:
    """Whether an attribute is data under a name that Python does not give; it gives names as
    _fields, and `said` are those that a definition gives.
    """
    is_data = isinstance(value, _DATA + _CONTAINERS) and not isinstance(value, Enum)
    is_made = name.startswith("__") or (name.startswith("_") and name not in said)
    return is_data and not is_made


def literal_of(value: Any) -> str:
    """Return the type and the value of what a literal would stand for."""
    return f"{type(value).__name__} {value!r}"


def literals(node: ast.AST) -> dict[str, str]:
    """Return the types and values of the literals that the body of a class assigns, by name; ""
    for what it computes. A function assigns none.
    """
    found: dict[str, str] = {}
    for statement in node.body if isinstance(node, ast.ClassDef) else ():
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        for target in targets:
            if isinstance(target, ast.Name):
                found[target.id] = literal(statement.value)  # type: ignore[attr-defined]
    return found


def literal(node: ast.AST | None) -> str:
    """Return the type and the value of a literal; "" of anything else."""
    try:
        value = ast.literal_eval(node) if isinstance(node, ast.expr) else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    return literal_of(value)
