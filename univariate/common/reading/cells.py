"""The cells of lines, however they are separated."""

import csv
import io

from univariate.common.reading.table import Row


class MisquotedError(ValueError):
    """Quotation marks that do not surround a cell, if cells are separated so."""


def split(
    path: str, lines: list[tuple[int, str]], separator: str, *, strict: bool = True
) -> list[Row]:
    """Return the cells of lines; `strict` refuses quotes that do not surround a cell."""
    found = []
    for line, text in lines:
        if '"' not in text:
            cells = text.split(separator)
            # several spaces separate as one does
            cells = [cell for cell in cells if cell] if separator == " " else cells
            found.append((line, _plain(cells, separator)))
            continue
        try:
            cells = next(
                csv.reader(
                    io.StringIO(text.strip(" ")),
                    delimiter=separator,
                    skipinitialspace=True,
                    strict=strict,
                )
            )
        except (csv.Error, StopIteration) as error:
            raise MisquotedError(
                f"{path!r}, line {line}: quotation marks must surround a cell, got"
                f" {text.strip()[:80]!r} ({error}); repair the line"
            ) from None
        found.append((line, _plain(cells, separator)))
    return found


def _plain(cells: list[str], separator: str) -> list[str]:
    """Return cells without what surrounds them."""
    if separator == " ":
        return [cell.strip("\t'") for cell in cells]
    return [cell.strip() for cell in cells]
