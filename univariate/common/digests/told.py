"""Whether the definition of a class or a function tells what it has as attributes.

It does not where they were given from outside: `Net.width = args.width`, `train.options = options`.
"""

import ast
from collections import namedtuple
from collections.abc import Iterator, Mapping, Set
from enum import Enum
from functools import cached_property
from types import (
    DynamicClassAttribute,
    EllipsisType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
)
from typing import Any, Final

from univariate.common.digests.members import given, is_open_data, literal, literal_of, literals
from univariate.common.digests.own_code import is_installed

_MADE: Final = frozenset(
    word
    for words in (
        "_fields _field_defaults _field_types _make _replace _asdict",
        "_abc_impl _is_protocol _is_runtime_protocol",
    )
    for word in words.split()
)
"""Names that Python gives classes itself."""

_LITERALS: Final = (
    *(bool, int, float, complex, str, bytes, tuple, list, dict, set),
    *(type(None), EllipsisType),
)

_OF_PYTHON: Final = (
    *(MemberDescriptorType, GetSetDescriptorType, DynamicClassAttribute),
    type(vars(namedtuple("Pair", "one"))["one"]),
)


def untold(
    holder: FunctionType | type, node: ast.AST, names: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that a function or a class has and that its definition does not tell,
    without the data that `members.given` yields; `names` are those of its module.
    """
    if isinstance(holder, type) and issubclass(holder, Enum):
        yield from _of_members(holder)
    said_data = literals(node)
    told = _statements(node) if isinstance(node, ast.ClassDef) else {}
    for name, value in sorted(vars(holder).items()):
        if _is_of_python(name, value, holder) or is_open_data(name, value, said_data):
            continue
        said = told.get(name)
        if said is None:
            yield name, value
        elif isinstance(said, ast.ClassDef) and _is_inside(value, holder, name):
            yield from given(value, said)
            yield from untold(value, said, names)
        elif not _tells(said, value, holder, names):
            yield name, value
        else:
            yield from _of_functions(name, value, holder)


def attributes_without_text(kind: type, states: Set[str]) -> list[Any]:
    """Return the attributes of a class of which there is no definition, but for states: of one that
    `type`, `namedtuple` or `make_dataclass` made.
    """
    found = {
        name: value
        for name, value in sorted(vars(kind).items())
        if not (_is_of_python(name, value, kind) and name != "_field_defaults")
        and f".{name}" not in states
    }
    return [found] if found else []


def _of_members(kind: type[Enum]) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that members of an enumeration have besides names and values."""
    for member in kind:
        for name, value in sorted(vars(member).items()):
            if not (name.startswith("_") and name.endswith("_")):
                yield f"{member.name}.{name}", value


def _of_functions(name: str, value: Any, holder: FunctionType | type) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that functions in the body of a class were given."""
    for function in _functions(value):
        if _is_inside(function, holder):
            for inner, held in sorted(vars(function).items()):
                if not _is_dunder(inner):
                    yield f"{name}.{inner}", held


def _statements(node: ast.ClassDef) -> dict[str, ast.AST]:
    """Return what the body of a class says of every name: a definition, or the value assigned."""
    found: dict[str, ast.AST] = {}
    for child in _inside(node):
        match child:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                found[name] = child
            case ast.Assign(targets=targets, value=value):
                found |= {one.id: value for one in targets if isinstance(one, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case ast.Name(id=name, ctx=ast.Store()):
                found.setdefault(name, child)
            case ast.alias(name=name, asname=other):
                found[other or name.partition(".")[0]] = child
            case _:
                pass
    return found


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a body runs, without what definitions in it hold."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        ):
            yield from _inside(child)


def _is_of_python(name: str, value: Any, holder: FunctionType | type) -> bool:
    """Whether an attribute is what Python makes of any class, or a member of an enumeration."""
    is_sunder = name.startswith("_") and name.endswith("_")
    if _is_dunder(name):
        return not _is_written(value, holder)
    if not isinstance(holder, type):
        return False
    is_member = issubclass(holder, Enum) and (is_sunder or isinstance(value, holder))
    return name in _MADE or is_member or isinstance(value, _OF_PYTHON)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_written(value: Any, holder: FunctionType | type) -> bool:
    """Whether a special method was written by the user, and not in the body of its class."""
    if not isinstance(value, FunctionType) or not isinstance(holder, type):
        return False
    file = value.__code__.co_filename
    is_generated = file.startswith(("<string", "<attrs")) or is_installed(file)
    return not is_generated and not _is_inside(value, holder)


def _tells(
    said: ast.AST, value: Any, holder: FunctionType | type, names: Mapping[str, Any]
) -> bool:
    """Whether what a body says of a name is what a class has under it."""
    if isinstance(said, ast.FunctionDef | ast.AsyncFunctionDef):
        own = [one for one in _functions(value) if _is_inside(one, holder, said.name)]
        # what a decorator puts in the place of a function may be anything
        return bool(own) or (bool(said.decorator_list) and not _functions(value))
    if isinstance(said, ast.Name | ast.Attribute):
        return _stands_for(said, names) is value
    text = literal(said)
    if text:  # only then is it known that a value has a short text
        return isinstance(value, _LITERALS) and text == literal_of(value)
    found = _functions(value)
    return bool(found) and all(_is_inside(one, holder) for one in found)


def _is_inside(value: Any, holder: FunctionType | type, name: str = "") -> bool:
    """Whether a function or a class is defined in the body of a class, by this name."""
    if isinstance(value, FunctionType):
        whole = value.__code__.co_qualname
    elif isinstance(value, type):
        whole = value.__qualname__
    else:
        return False
    within = f"{holder.__qualname__}."
    return whole == within + name if name else whole.startswith(within)


def _functions(value: Any) -> list[FunctionType]:
    """Return the functions that a method, a property or a wrapper is made of."""
    found: list[FunctionType] = []
    todo = [value]
    met: set[int] = set()
    while todo:
        one = todo.pop()
        if id(one) in met:
            continue
        met.add(id(one))
        match one:
            case FunctionType():
                found.append(one)
                todo += [cell.cell_contents for cell in one.__closure__ or () if _is_full(cell)]
            case staticmethod() | classmethod() | MethodType():
                todo.append(one.__func__)
            case property():
                todo += [one.fget, one.fset, one.fdel]
            case cached_property():
                todo.append(one.func)
            case _:
                pass
        todo.append(getattr(one, "__dict__", {}).get("__wrapped__"))
    return found


def _is_full(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 (it raises where nothing has been put there yet)
    except ValueError:
        return False
    return True


def _stands_for(node: ast.AST, names: Mapping[str, Any]) -> Any:
    """Return what a name with attributes stands for in a module; None where that is nothing."""
    if isinstance(node, ast.Attribute):
        return getattr(_stands_for(node.value, names), node.attr, None)
    return names.get(node.id) if isinstance(node, ast.Name) else None
