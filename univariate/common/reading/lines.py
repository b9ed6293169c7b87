"""The lines of a text file: comments told from data, wherever a spreadsheet has been over them."""

import re
from typing import Final

from univariate.common.reading.notes import COMMENTS, comment_of

_DECLARED: Final = re.compile(r'\ufeff?"?sep=([,;\t|])"?[,;\t|]?', re.IGNORECASE)
"""The first line by which Excel is told the separator."""

_NUMBER: Final = r"[+\-−]?[\d.]+(?:[eE][+-]?\d+)?"
_BEGINS: Final = re.compile(rf"\s*{_NUMBER}")
_AFTER: Final = re.compile(rf"(?:^|[,;\t| ])\s*{_NUMBER}(?:\s*#|\s+%)")
"""A number and a comment after it, in a line that begins with one: names may hold such signs."""
_SPARSE: Final = re.compile(rf"\s*{_NUMBER}(?:\s+\d+:{_NUMBER})+\s*(?:#.*)?")
"""A label, and the inputs that are not 0 after their places, as in files of LIBSVM and SVMlight."""


def text_of(path: str, data: bytes) -> str:
    """Return the text of a file in UTF-8, or UTF-16 with its mark; ValueError if it is none."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(
            f"{path!r} is not a text file, or not in UTF-8; save it as CSV in UTF-8"
        ) from None
    if "\x00" in text:
        raise ValueError(f"{path!r} is not a text file, it holds null characters; save it as CSV")
    return text


def lines_of(path: str, text: str, after: int = 0) -> list[tuple[int, str]]:
    """Return the lines that are not blank, with their numbers; a comment right before the data
    comes along, # and all.

    Raises
    ------
    ValueError
        No data, or a comment after numbers, in the same line.
    """
    found = [
        (k, line)
        for k, line in enumerate(text.splitlines(), 1)
        if k > after and line.strip(" \t,;|\"'")
    ]
    data_at = [k for k, (_, line) in enumerate(found) if comment_of(line) is None]
    for line, content in (found[k] for k in data_at):
        if _BEGINS.match(content) and _AFTER.search(content):
            raise ValueError(
                f"{path!r}, line {line}: a comment must have a line of its own, got"
                f" {content.strip()[:80]!r}; move it to one that begins with #"
            )
    if not data_at:
        raise ValueError(f"{path!r} holds no data; write a line for each observation")
    before = found[data_at[0] - 1 : data_at[0]] if data_at[0] else []
    return [*before, *(found[k] for k in data_at)]


def declared_separator(lines: list[tuple[int, str]]) -> tuple[int, str] | None:
    """Return the number of a line as sep=;, the first or right after comments, and the separator
    that it says; None if there is no such line.
    """
    for line, text in lines[:2]:
        found = _DECLARED.fullmatch(text.strip(" "))
        if found is not None:
            return line, found[1]
        if comment_of(text) is None:
            return None
    return None


def apart(lines: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the comment before the data, without #, and the data."""
    line, text = lines[0]
    comment = comment_of(text)
    if comment is not None:
        return [(line, comment.lstrip("".join(COMMENTS)))], lines[1:]
    return [], lines


def refuse_sparse(path: str, lines: list[tuple[int, str]]) -> None:
    """Raise ValueError, with the way on, for a file of LIBSVM or SVMlight."""
    line, first = lines[0]
    if _SPARSE.fullmatch(first):
        raise ValueError(
            f"{path!r}, line {line}: expected a table, got places with values,"
            f" {first.strip()[:40]!r}, as of LIBSVM; read it by"
            " X, y = sklearn.datasets.load_svmlight_file(path), and pass X.toarray() and y to"
            " from_arrays"
        )
