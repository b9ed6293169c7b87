"""Results as notebooks show them: a table of the fields, results inside results folded away."""

import dataclasses
from collections.abc import Iterable, Mapping
from fractions import Fraction
from html import escape
from typing import Any, Final

from univariate.common.result import Number, Result, Verdict, brief_value, field_names

_COLOURS: Final = {Verdict.HOLDS: "#1a7f37", Verdict.FAILS: "#cf222e", Verdict.UNDECIDED: "#9a6700"}
_LEFT: Final = 'style="text-align:left;vertical-align:top"'
_MOST: Final = 50
"""Results of a sequence that are shown; what is left out is counted."""


def html_of(result: Result) -> str:
    """Return a result as a fragment of HTML; every text in it is escaped."""
    return f"<div>{_heading(result)}{_table_of(result)}</div>"


def _heading(result: Result) -> str:
    """Return the name of its class, with its verdict or the number that it stands for."""
    found = f"<b>{escape(type(result).__name__)}</b>"
    verdict = getattr(result, "verdict", None)
    if isinstance(verdict, Verdict):
        found += f" {_coloured(verdict)}"
    if isinstance(result, Number):
        found += f" {escape(brief_value(float(result)))}"
    return found


def _table_of(result: Result) -> str:
    return _table((name, getattr(result, name)) for name in field_names(result))


def _table(named: Iterable[tuple[str, Any]]) -> str:
    rows = (
        f"<tr><th {_LEFT}>{escape(name)}</th><td {_LEFT}>{_cell(value)}</td></tr>"
        for name, value in named
    )
    return f"<table>{''.join(rows)}</table>"


def _cell(value: Any) -> str:
    if isinstance(value, str | Fraction):
        return escape(str(value))
    if isinstance(value, Verdict):
        return _coloured(value)
    if isinstance(value, Result) and dataclasses.is_dataclass(value):
        return _folded(_heading(value), _table_of(value))
    if isinstance(value, Mapping) and value:
        return _folded(f"{len(value)} by name", _table((str(key), value[key]) for key in value))
    if _several(value):
        shown = _table((str(place), item) for place, item in enumerate(value[:_MOST]))
        left = f"<p>and {len(value) - _MOST} more</p>" if len(value) > _MOST else ""
        return _folded(f"{len(value)} × {escape(type(value[0]).__name__)}", shown + left)
    return escape(brief_value(value))


def _several(value: Any) -> bool:
    """Whether it is a sequence of results, and not one of the named tuples."""
    listed = isinstance(value, list | tuple) and not hasattr(value, "_asdict")
    return listed and bool(value) and all(isinstance(item, Result) for item in value)


def _folded(summary: str, content: str) -> str:
    return f"<details><summary>{summary}</summary>{content}</details>"


def _coloured(verdict: Verdict) -> str:
    return f'<b style="color:{_COLOURS[verdict]}">{verdict.value}</b>'
