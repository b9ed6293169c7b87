"""Definitions of functions that run: their syntax trees, found in their sources and checked
against their code.

A source that changed since it was run is none: the definition of such a function is unknown.
"""

import ast
import linecache
from collections.abc import Iterable, Iterator
from dis import get_instructions
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_SILENT: Final = {"ctx", "kind", "type_comment", "returns"}
"""Fields of a tree that change nothing that is computed."""
_STARTING: Final = ("__init__", "__post_init__", "__new__")


class _Source(NamedTuple):
    tree: ast.Module
    codes: frozenset[CodeType]  # of all functions and classes in it


class Definitions:
    """Definitions by the code that runs; every file and notebook cell is read once."""

    def __init__(self) -> None:
        self._sources: dict[str, _Source | None] = {}

    def of(self, function: FunctionType) -> Definition | None:
        """Return the definition of a function; None where no source has its code."""
        code = function.__code__
        source = self._source(code.co_filename, [code])
        return None if source is None else _node_of(source.tree, code)

    def of_class(self, kind: type, file: str) -> ast.ClassDef | None:
        """Return the definition of a class in a file, by its name there; None where none is found
        or its methods are others.
        """
        methods = [
            member.__code__
            for member in vars(kind).values()
            if isinstance(member, FunctionType) and member.__code__.co_filename == file
        ]
        source = self._source(file, methods)
        if source is None:
            return None
        named = [
            node
            for node in ast.walk(source.tree)
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__
        ]
        return named[0] if len(named) == 1 else None

    def whole(self, file: str) -> ast.Module | None:
        """Return the tree of a file as it is now; None where there is none."""
        linecache.checkcache(file)
        found = self._read(file)
        return None if found is None else found.tree

    def assigned(self, name: str, file: str) -> list[ast.stmt]:
        """Return the statements of a file, outside of functions and classes, that assign a name."""
        source = self._source(file, [])
        return [] if source is None else [*_assigning(name, source.tree)]

    def _source(self, file: str, codes: Iterable[CodeType]) -> _Source | None:
        """Return the source of a file that has some codes, as it was read or as it is now."""
        found = self._read(file)
        if found is None or not found.codes.issuperset(codes):
            linecache.checkcache(file)
            found = self._read(file)
        return found if found is not None and found.codes.issuperset(codes) else None

    def _read(self, file: str) -> _Source | None:
        text = "".join(linecache.getlines(file))
        if text not in self._sources:
            self._sources[text] = _source_of(text, file)
        return self._sources[text]


def canonical(node: ast.AST) -> str:
    """Return a tree in one form, whatever its layout, comments, docstrings and the annotations of
    arguments, on every version of Python.
    """
    parts = []
    for name, value in ast.iter_fields(node):
        if name in _SILENT or (name == "annotation" and isinstance(node, ast.arg)):
            continue
        text = _canonical_field(value)
        if text:
            parts.append(f"{name}={text}")
    return f"{type(node).__name__}({','.join(parts)})"


def chains(node: ast.AST) -> list[tuple[str, ...]]:
    """Return the names that a tree reads, each with the attributes asked of it: ("numpy", "linalg",
    "lstsq"); sorted.
    """
    found = set()
    for child in ast.walk(node):
        owner = child
        attributes: list[str] = []
        while isinstance(owner, ast.Attribute):
            attributes.append(owner.attr)
            owner = owner.value
        if isinstance(owner, ast.Name):
            found.add((owner.id, *reversed(attributes)))
    return sorted(found)


def changed(node: ast.AST) -> set[str]:
    """Return names whose values a tree changes, as `history` in `history.append(3)`, `history[0] =
    3` or `history += 3`, and attributes with a point before them, as `.history` in `self.history =
    3`.

    What it changes is its state, not its meaning. Methods that make an object change nothing.
    """
    found: set[str] = set()
    for child in _running(node):
        match child:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner))):
                found |= _named(owner)
            case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
                found |= _named(owner)
            case ast.Attribute(attr=name, value=owner, ctx=ast.Store() | ast.Del()):
                found |= {f".{name}"} | _named(owner)
            case ast.AugAssign(target=owner):
                found |= _named(owner)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                found |= set(names)
            case _:
                pass
    return found


def imported(tree: ast.Module, package: str) -> set[str]:
    """Return the names of modules that a module may import, wherever it does, and of what it
    imports from them.
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        if isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*filter(None, parents), *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{one.name}" for one in node.names}
    return found


def global_names(code: CodeType) -> set[str]:
    """Return the names that a code and those inside it ask of their module."""
    asked = ("LOAD_GLOBAL", "LOAD_NAME")
    found = {one.argval for one in get_instructions(code) if one.opname in asked}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= global_names(inner)
    return found


def _assigning(name: str, node: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Assign(targets=targets):
                found = any(name == part for target in targets for part in _targets(target))
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                found = name in _targets(target)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.expr():
                continue
            case _:
                yield from _assigning(name, child)
                continue
        if found:
            yield child


def _targets(node: ast.expr) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _running(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if getattr(child, "name", "") not in _STARTING:
            yield from _running(child)


def _named(node: ast.AST) -> set[str]:
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return {f".{node.attr}"}
    return {node.id} if isinstance(node, ast.Name) else set()


def _canonical_field(value: Any) -> str:
    if isinstance(value, list):
        parts = [_canonical_field(one) for one in value if not _idle(one)]
        return f"[{','.join(parts)}]" if parts else ""
    if isinstance(value, ast.Constant):
        return f"{type(value.value).__name__}:{value.value!r}"
    if isinstance(value, ast.AST):
        return canonical(value)
    return "" if value is None else repr(value)


def _idle(node: object) -> bool:
    """Whether a statement does nothing: a docstring, `...` or `pass`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass)


def _source_of(text: str, file: str) -> _Source | None:
    if not text:
        return None
    try:
        code = compile(text, file, "exec", dont_inherit=True)
        return _Source(ast.parse(text, file), frozenset(_inside(code)))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _inside(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _inside(inner)


def _node_of(tree: ast.Module, code: CodeType) -> Definition | None:
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, Definition)
        and getattr(node, "name", "<lambda>") == code.co_name
        and _first_line(node) == code.co_firstlineno
    ]
    if len(found) > 1:
        # several lambdas on one line: the innermost that all instructions lie in
        found = [node for node in found if _holds(node, code)]
        found.sort(key=lambda node: (node.lineno, node.col_offset))
    return found[-1] if found else None


def _first_line(node: Definition) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _holds(node: Definition, code: CodeType) -> bool:
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    places = [
        ((first, left), (last, right))
        for first, last, left, right in code.co_positions()
        if None not in {first, last, left, right}
    ]
    # what begins a code has no width; all has none where Python was told to keep no places
    wide = [place for place in places if place[0] != place[1]]
    return bool(wide) and all(start <= first and last <= end for first, last in wide)
