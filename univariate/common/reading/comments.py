"""Comments among data that may be data themselves."""

from univariate.common.reading.cells import MisquotedError, split
from univariate.common.reading.notes import COMMENTS, comment_of
from univariate.common.reading.table import Table, is_number, text_columns


def refuse_doubtful_comments(text: str, table: Table, separator: str, *, after: int) -> None:
    """Refuse a comment after the first line of a table that may be data, of which the first cell
    that is not empty is a text that begins with #: with numbers where all others have some.

    One that names an observation of the table, # aside, is a line that someone has commented out.
    """
    texts = text_columns(table)
    numbers = [k for k in range(table.width) if k not in texts]
    if not texts or not numbers:
        return
    for line, content in enumerate(text.splitlines(), 1):
        if line <= after or comment_of(content) is None:
            continue
        cells = _cells(table.path, line, content, separator)
        if len(cells) != table.width or not all(
            is_number(cells[k], table.decimal) for k in numbers
        ):
            continue
        first = next(k for k, cell in enumerate(cells) if cell)
        told = {others[first] for _, others in table.rows}
        if first in texts and cells[first].lstrip("".join(COMMENTS)).strip() not in told:
            raise ValueError(
                f"{table.path!r}, line {line}: {cells[first]!r} may begin a comment or be data,"
                " with numbers as in the other lines; remove the line, or what the cell begins with"
            )


def _cells(path: str, line: int, content: str, separator: str) -> list[str]:
    """Return the cells of a comment, none where quotation marks are anywhere."""
    try:
        return split(path, [(line, content)], separator, strict=False)[0][1]
    except MisquotedError:
        return []
