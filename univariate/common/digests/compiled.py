"""Sources, and the codes that they compile to: whole, as a file is run, or in blocks, as notebooks,
consoles and editors run them, each statement by itself say.

The same definition has several codes: Python calls the attribute of a name in another way where
the name is imported beside it.
"""

import __future__

import ast
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from types import CodeType
from typing import Final

_FUTURE: Final = reduce(
    or_,
    [
        getattr(__future__, name).compiler_flag
        for name in __future__.all_feature_names
        if name != "nested_scopes"  # whose flag tells of any code whether it is nested
    ],
)

_FAILURES: Final = (SyntaxError, ValueError, RecursionError)


class Source:
    """The text of a file or a cell as a tree; raises SyntaxError, ValueError or RecursionError
    where it has none.
    """

    def __init__(self, text: str, file: str) -> None:
        self.tree = ast.parse(text, file)
        self._file = file
        self._whole = _whole(text, file)
        self._blocks: dict[tuple[int, ...], frozenset[CodeType]] = {}

    @property
    def is_whole(self) -> bool:
        """Whether all of it compiles at once; a cell that awaits something does not."""
        return self._whole is not None

    def has(self, code: CodeType, *, by_blocks: bool) -> bool:
        """Whether a function or a class in it has this code, as a whole or also in blocks."""
        if self._whole is not None and code in self._whole:
            return True
        return by_blocks and any(code in found for found in self._in_blocks(code))

    def _in_blocks(self, code: CodeType) -> Iterator[frozenset[CodeType]]:
        """Yield the codes in the statement of a code, compiled alone first, and then with more and
        more of the imports around it that matter to it.
        """
        flags = code.co_flags & _FUTURE | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        body = self.tree.body
        for k, statement in enumerate(body):
            if first_line(statement) <= code.co_firstlineno <= (statement.end_lineno or 0):
                imports = _imports(body, k)
                before = [i for i in imports if i < k]
                after = [i for i in imports if i > k]
                for start in range(len(before), -1, -1):
                    for end in range(len(after) + 1):
                        yield self._codes(flags, *before[start:], k, *after[:end])

    def _codes(self, flags: int, *indices: int) -> frozenset[CodeType]:
        """Return the codes in some statements that are compiled at once; none where they are no
        block.
        """
        key = (flags, *indices)
        if key not in self._blocks:
            block = ast.Module([self.tree.body[i] for i in indices], type_ignores=[])
            try:
                code = compile(block, self._file, "exec", flags, dont_inherit=True)
                self._blocks[key] = frozenset(_inside(code))
            except _FAILURES:
                self._blocks[key] = frozenset()
        return self._blocks[key]


def first_line(node: ast.stmt | ast.Lambda) -> int:
    """Return the line that a statement or a definition begins in, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _whole(text: str, file: str) -> frozenset[CodeType] | None:
    try:
        return frozenset(_inside(compile(text, file, "exec", dont_inherit=True)))
    except _FAILURES:
        return None


def _inside(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _inside(inner)


def _imports(body: Sequence[ast.stmt], k: int) -> list[int]:
    """Return which other statements import a name that a statement asks attributes of."""
    asked = {
        node.value.id
        for node in ast.walk(body[k])
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return [i for i, one in enumerate(body) if i != k and not asked.isdisjoint(_imported(one))]


def _imported(statement: ast.stmt) -> set[str]:
    """Return the names that a statement imports, wherever it does."""
    return {
        one.asname or one.name.partition(".")[0]
        for node in ast.walk(statement)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for one in node.names
    }
