"""Results as notebooks show them: a table of the fields, results inside results folded away."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from html import escape
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

_COLOURS: Final = {"HOLDS": "#1a7f37", "FAILS": "#cf222e", "UNDECIDED": "#9a6700"}
_LEFT: Final = 'style="text-align:left;vertical-align:top"'
_MOST: Final = 50
"""Results of a sequence that are shown; what is left out is counted."""


class Parts(NamedTuple):
    """What is shown of a result: its kind, what it comes to (a verdict, a number, None), fields."""

    kind: str
    gist: object
    fields: Sequence[tuple[str, Any]]


@runtime_checkable
class Shown(Protocol):
    """What can be shown in a notebook."""

    def shown_parts(self) -> Parts:
        """Return what is shown of it."""
        ...


class Page:
    """Writes HTML in which every text is escaped; `brief` says what stands for other values."""

    def __init__(self, brief: Callable[[Any], str]) -> None:
        self.brief = brief

    def result(self, shown: Shown) -> str:
        """Return a result as a fragment of HTML."""
        parts = shown.shown_parts()
        return f"<div>{self._heading(parts)}{self._table(parts.fields)}</div>"

    def _heading(self, parts: Parts) -> str:
        gist = "" if parts.gist is None else f" {self._cell(parts.gist)}"
        return f"<b>{escape(parts.kind)}</b>{gist}"

    def _table(self, named: Iterable[tuple[str, Any]]) -> str:
        rows = (
            f"<tr><th {_LEFT}>{escape(name)}</th><td {_LEFT}>{self._cell(value)}</td></tr>"
            for name, value in named
        )
        return f"<table>{''.join(rows)}</table>"

    def _cell(self, value: Any) -> str:
        if isinstance(value, str | Fraction):
            return escape(str(value))
        if isinstance(value, Enum) and value.name in _COLOURS:
            return f'<b style="color:{_COLOURS[value.name]}">{value.name}</b>'
        if isinstance(value, Shown) and not isinstance(value, type):
            parts = value.shown_parts()
            return _folded(self._heading(parts), self._table(parts.fields))
        if isinstance(value, Mapping) and value:
            named = [(str(key), item) for key, item in value.items()]
            return _folded(f"{len(value)} by name", self._table(named))
        if _several(value):
            return self._list(value)
        return escape(self.brief(value))

    def _list(self, results: Sequence[Shown]) -> str:
        shown = self._table((str(place), item) for place, item in enumerate(results[:_MOST]))
        left = f"<p>and {len(results) - _MOST} more</p>" if len(results) > _MOST else ""
        return _folded(f"{len(results)} × {escape(results[0].shown_parts().kind)}", shown + left)


def _several(value: Any) -> bool:
    """Whether it is a sequence of results, and not one of the named tuples."""
    listed = isinstance(value, list | tuple) and not hasattr(value, "_asdict")
    return listed and bool(value) and all(isinstance(item, Shown) for item in value)


def _folded(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>{content}</details>"
