"""What syntax trees say: what they compute, in one form, and which names they read, change, assign
and import.
"""

import ast
from collections.abc import Iterator
from typing import Any, Final

_SILENT: Final = {"ctx", "kind", "type_comment", "returns"}
"""Fields of a tree that change nothing that is computed."""
_MAKING: Final = ("__init__", "__post_init__", "__new__")
"""Methods that make an object: what they set is its meaning, not its state."""


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


def handed_on(node: ast.AST) -> set[str]:
    """Return the names that a tree reads as they are, not only by an attribute."""
    owners = {id(child.value) for child in ast.walk(node) if isinstance(child, ast.Attribute)}
    names = (child for child in ast.walk(node) if isinstance(child, ast.Name))
    return {child.id for child in names if id(child) not in owners}


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
    """Return the names of modules that a module of a package may import, wherever it does, of what
    it imports from them, and of the packages that they lie in, which are imported before them.
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        if isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*filter(None, parents), *([node.module] if node.module else [])])
            found |= {base} | {f"{base}.{one.name}" for one in node.names}
    return {whole for name in found for whole in lineage(name)}


def lineage(name: str) -> list[str]:
    """Return the packages that a module lies in, outermost first, and itself: "a", "a.b", "a.b.c"
    of "a.b.c".
    """
    parts = name.split(".")
    return [".".join(parts[:k]) for k in range(1, len(parts) + 1)]


def assigning(name: str, node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements outside of functions and classes that assign a name."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Assign(targets=targets):
                found = any(name == part for target in targets for part in _targets(target))
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                found = name in _targets(target)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.expr():
                continue
            case _:
                yield from assigning(name, child)
                continue
        if found:
            yield child


def _targets(node: ast.expr) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _running(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if getattr(child, "name", "") not in _MAKING:
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
