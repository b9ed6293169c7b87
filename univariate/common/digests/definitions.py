"""Definitions of functions that run: their syntax trees, found in their sources and checked
against their code.

A source that changed since it was run is none: the definition of such a function is unknown.
"""

import ast
import linecache
from collections.abc import Collection, Mapping
from dis import get_instructions
from types import CodeType, FunctionType
from typing import Any

from univariate.common.digests.compiled import Source, first_line
from univariate.common.digests.own_code import NAMESPACES
from univariate.common.digests.syntax import assigning, chains, handed_on

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Definitions:
    """Definitions by the code that runs; every file and notebook cell is read once.

    Without `by_blocks` they are found where the code is what the whole file or cell compiles to.
    """

    def __init__(self, *, by_blocks: bool) -> None:
        self.is_missing = False  # whether anything asked for was not found
        self._by_blocks = by_blocks
        self._sources: dict[str, Source | None] = {}

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
        source = self._source(file, [])
        return None if source is None else source.tree

    def assigned(self, name: str, file: str) -> list[ast.stmt]:
        """Return the statements of a file, outside of functions and classes, that assign a name."""
        source = self._source(file, [])
        return [] if source is None else [*assigning(name, source.tree)]

    def _source(self, file: str, codes: Collection[CodeType]) -> Source | None:
        """Return the source of a file that has some codes, as it was read or as it is now."""
        found = self._read(file)
        if found is None or not self._has(found, codes):
            linecache.checkcache(file)
            found = self._read(file)
        if found is not None and self._has(found, codes):
            return found
        self.is_missing = True
        return None

    def _has(self, source: Source, codes: Collection[CodeType]) -> bool:
        found = all(source.has(code, by_blocks=self._by_blocks) for code in codes)
        return found and (self._by_blocks or source.is_whole)

    def _read(self, file: str) -> Source | None:
        text = "".join(linecache.getlines(file))
        if text not in self._sources:
            self._sources[text] = _source_of(text, file)
        return self._sources[text]


def global_names(code: CodeType) -> set[str]:
    """Return the names that a code and those inside it ask of their module."""
    asked = ("LOAD_GLOBAL", "LOAD_NAME")
    found = {one.argval for one in get_instructions(code) if one.opname in asked}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            found |= global_names(inner)
    return found


def _source_of(text: str, file: str) -> Source | None:
    try:
        return Source(text, file) if text else None
    except (SyntaxError, ValueError, RecursionError):
        return None


def _node_of(tree: ast.Module, code: CodeType) -> Definition | None:
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, Definition)
        and getattr(node, "name", "<lambda>") == code.co_name
        and first_line(node) == code.co_firstlineno
    ]
    if len(found) > 1:
        # several lambdas on one line: the innermost that all instructions lie in
        found = [node for node in found if _holds(node, code)]
        found.sort(key=lambda node: (node.lineno, node.col_offset))
    return found[-1] if found else None


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


def asked(
    node: ast.AST, cells: Mapping[str, Any], names: Mapping[str, Any]
) -> list[tuple[str, ...]]:
    """Return the names that a definition reads, with attributes, of its closure and its module; of
    a namespace that it does not hand on, as args in args.k, what it reads alone.
    """
    whole = handed_on(node)

    def is_read(chain: tuple[str, ...]) -> bool:
        """Whether a name counts as it is, and not only by the attributes asked of it."""
        if len(chain) > 1 or chain[0] in whole:
            return True
        return not isinstance(cells.get(chain[0], names.get(chain[0])), NAMESPACES)

    return list(filter(is_read, chains(node)))
