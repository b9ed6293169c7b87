"""Which files commands wrote: nobody else's file is removed because it has the name of one."""

import re
from pathlib import Path
from typing import Final

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
