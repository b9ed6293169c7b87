"""Records of a .csv file as they are written: quotes, ends of lines, marks of byte order stay."""

import csv
import io
from collections.abc import Sequence


def rearranged(data: bytes, numbers: Sequence[int], order: Sequence[int]) -> bytes:
    """Return the bytes of a file, some of whose records have changed places: the k-th of them is
    the one that was number `order[k]`.

    `numbers` are those of the lines that these records end with. Others, the names of the columns
    and blank lines, stay where they are.
    """
    lines = list(io.StringIO(data.decode(), newline=""))
    reader = csv.reader(lines)
    records: list[str] = []
    ends: list[int] = []
    start = 0
    for _ in reader:  # cells may hold ends of lines
        records.append("".join(lines[start : reader.line_num]))
        start = reader.line_num
        ends.append(start)
    known = set(numbers)
    places = [k for k, end in enumerate(ends) if end in known]
    found = list(records)
    for place, one in zip(places, order, strict=True):
        found[place] = records[places[one]]
    return "".join(found).encode()
