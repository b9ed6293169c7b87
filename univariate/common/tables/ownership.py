"""Which files commands wrote, and what these show: nobody else's file is removed because it has the
name of one, and none that still shows what the files beside it hold.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from univariate.common.special_files import is_special

MARK: Final = "Written by tempered-overfitting"
"""Stands in figures, where their formats keep words."""

_DOCUMENT: Final = re.compile(rb'\s*\{\s*"schema": "(univariate|highdim)\.')
# of matplotlib: LaTeX copies the words of figures that it includes, but not this line
_PDF: Final = re.compile(rb"%PDF-[0-9.]+\n%\xac\xdc \xab\xba\n")

_TABLE: Final = re.compile(
    rb'(\xef\xbb\xbf)?"?m"?([,;\t|])'
    + rb"\2".join(b'"?%s"?' % one for one in (b"d", b"p", b"seed", b"width"))
)
"""How a table of a sweep begins, which has no room for a mark, also as spreadsheets save it."""


def is_ours(path: Path) -> bool:
    """Whether a command of this distribution wrote a JSON document, a figure or the table of a
    sweep, by what is in it; False for figures of before these were marked.
    """
    if not path.is_file() or is_special(path):
        return False
    try:
        content = path.read_bytes()
    except OSError:
        return False
    if path.suffix == ".json":
        return _DOCUMENT.match(content) is not None
    if path.suffix == ".csv":
        return _TABLE.match(content) is not None
    if path.suffix == ".pdf" and _PDF.match(content) is None:
        return False
    return MARK.encode() in content


def digest_of(parts: Iterable[object]) -> str:
    """Return a digest of JSON-ready values, whatever their order: of what a figure shows."""
    lines = sorted(json.dumps(one, sort_keys=True, default=str) for one in parts)
    return hashlib.sha256("\n".join(lines).encode(errors="backslashreplace")).hexdigest()[:32]


def marked(digest: str) -> str:
    """Return the mark of a figure of something with this digest; "" if none is kept."""
    return f"{MARK} of {digest}" if digest else MARK


def shows(path: Path, digest: str) -> bool:
    """Whether a figure is of something with this digest; False for those that keep none."""
    return is_ours(path) and marked(digest).encode() in path.read_bytes()


def holds(path: Path, content: Mapping[str, Any]) -> bool:
    """Whether a JSON document of ours says just this, whatever its origin and versions."""
    if not is_ours(path):
        return False
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    said = json.loads(json.dumps(content))
    besides = {"schema", "origin", "versions"}
    return {key: one for key, one in found.items() if key not in besides} == {
        key: one for key, one in said.items() if key not in besides
    }
