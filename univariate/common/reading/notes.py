"""What a table cannot hold: a comment before it, in JSON, says what its sample knows besides.

    # univariate.Sample/1 {"density": "beta(2, 5)", "truth": "0.3:+-"}

Readers that pass over lines that begin with # see the table alone: np.loadtxt does by itself,
pandas by comment="#".
"""

import csv
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_NOTE: Final = re.compile(r"#\s*((?:univariate|highdim)\.\w+/\d+)\s*(.*)")
_NEARLY: Final = re.compile(r"[#%\s]*(univariate|highdim)\.\w+\s*(/\d+)?\s*\{.*", re.IGNORECASE)


class Note(NamedTuple):
    """What a comment says."""

    schema: str
    """Of the class that wrote it."""
    arrays: Mapping[str, NDArray[Any]]


COMMENTS: Final = ("#", "%")
"""What lines begin with that are passed over."""


_BROKEN: Final = re.compile(r'"?#(?:N/[AD]|NV|¡?[A-ZÀ-Þ0-9/]+[!?])"?\s*[,;\t|]')
"""A first cell that a spreadsheet could not compute, as #N/A, #DIV/0! or #NAME?."""


def comment_of(line: str) -> str | None:
    """Return the comment that a line is, also where a spreadsheet has taken it for cells: cut at
    commas, in quotation marks, with separators at its end. None if it is none, but data.
    """
    text = line.strip()
    if _BROKEN.match(text):
        return None
    if text.startswith('"') and text.lstrip('" ').startswith(COMMENTS):
        try:
            text = ",".join(next(csv.reader([text])))
        except csv.Error:
            text = text.lstrip('" ')
    return text.rstrip(" \t,;|") if text.startswith(COMMENTS) else None


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; ValueError if a key occurs twice, of which JSON readers drop one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} occurs twice")
    return found


def note_line(schema: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the comment that says these, numbers in full precision."""
    facts = {name: array.tolist() for name, array in arrays.items()}
    return f"# {schema} {json.dumps(facts, ensure_ascii=False, allow_nan=False)}"


def note_of(path: str, text: str) -> Note | None:
    """Return what the comments of a table say, wherever they have come to stand; None if they are
    no note.

    Raises
    ------
    ValueError
        A note that is damaged, or a second one; the message names the line.
    """
    found: Note | None = None
    for k, line in enumerate(text.splitlines(), 1):
        comment = comment_of(line)
        match = None if comment is None else _NOTE.fullmatch(comment)
        if match is None:
            if comment is not None and _NEARLY.fullmatch(comment):
                raise _damaged(path, k)
            continue
        if found is not None:
            raise ValueError(
                f"{path!r}, line {k}: a second comment says what the sample is; remove one"
            )
        found = Note(match[1], _arrays(path, k, match[2]))
    return found


def _arrays(path: str, line: int, text: str) -> dict[str, NDArray[Any]]:
    try:
        facts = json.loads(text, object_pairs_hook=unique_keys)
        return {name: np.array(value) for name, value in facts.items()}
    except (ValueError, AttributeError, RecursionError):
        raise _damaged(path, line) from None


def _damaged(path: str, line: int) -> ValueError:
    return ValueError(
        f"{path!r}, line {line}: the comment that says what the sample knows is damaged; write it"
        " anew, or remove the line and what it says"
    )
