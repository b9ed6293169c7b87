"""Tables of typed rows, and work that several processes share."""

from dataclasses import dataclass, replace

import pytest

from univariate.common.tables.cells import read_cells
from univariate.common.tables.growing import GrowingTable
from univariate.common.tables.rows import RowFile
from univariate.common.work import progress, results


@dataclass(frozen=True)
class Row:
    m: int
    p: float
    name: str
    holds: bool
    ratio: float | None
    seconds: float = 0.0


ROWS = [
    Row(1, 0.1 + 0.2, 'a, "b"\nc', True, None, 1.23456),
    Row(2, 5e-324, "", False, float("inf"), 1e-300),
]


def table(folder, **digits):
    return RowFile(folder / "rows.csv", Row, "table", "tests/1", digits)


@pytest.mark.core
def test_rows_come_back_bit_for_bit(tmp_path):
    kept = table(tmp_path)
    assert kept.read() == []
    for row in ROWS:
        GrowingTable(kept).add(row)
    assert kept.read() == ROWS
    appended = kept.path.read_bytes()
    kept.write(ROWS)
    assert kept.path.read_bytes() == appended
    assert [line["m"] for line in read_cells(kept.path)] == ["1", "2"]


@pytest.mark.core
def test_of_a_row_that_two_processes_made_the_first_counts(tmp_path):
    kept = RowFile(tmp_path / "rows.csv", Row, "table", "tests/1", key=("m", "p"))
    twice = replace(ROWS[0], seconds=7.0)
    first, second = GrowingTable(kept), GrowingTable(kept)
    assert [first.add(row) for row in ROWS] == ROWS
    assert second.add(twice) == ROWS[0]
    assert table(tmp_path).read() == ROWS
    # before there were turns, both wrote it
    GrowingTable(table(tmp_path)).add(twice)
    assert table(tmp_path).read() == [*ROWS, twice]
    assert kept.read() == ROWS
    assert table(tmp_path).read() == ROWS
    # both had found no file, and both wrote the names
    names, lines = kept.path.read_text().split("\n", 1)
    kept.path.write_text(f"{names}\n{names}\n{lines}")
    assert kept.read() == ROWS


@pytest.mark.core
def test_digits_are_those_asked_for(tmp_path):
    kept = table(tmp_path, seconds=3)
    kept.write(ROWS)
    assert [row.seconds for row in kept.read()] == [1.23, 1e-300]
    assert [row.p for row in kept.read()] == [row.p for row in ROWS]


@pytest.mark.core
@pytest.mark.parametrize("lost", [0, 3])
def test_a_file_of_before_is_read_and_gets_its_new_columns(tmp_path, lost):
    old = tmp_path / "rows.csv"
    old.write_text("m,p,name,holds,ratio\n1,0.25,a,True,\n2,0.5,b,False,3.0\n"[: -lost or None])
    kept = RowFile(old, Row, "table", "tests/1", later=("seconds",))
    rows = [Row(1, 0.25, "a", True, None), Row(2, 0.5, "b", False, 3.0)][: 1 if lost else 2]
    before = old.read_bytes() if not lost else None
    assert kept.read() == rows
    assert before in {None, old.read_bytes()}
    GrowingTable(kept).add(ROWS[0])
    GrowingTable(kept).add(ROWS[1])
    assert kept.read() == [*rows, *ROWS]
    assert old.read_text().startswith("m,p,name,holds,ratio,seconds\n1,0.25,a,True,,0.0\n")
    with pytest.raises(ValueError, match="is not a table file"):
        table(tmp_path).path.write_text("m,p,name,holds\n") and kept.read()


@pytest.mark.core
@pytest.mark.parametrize("lost", [1, 5, 12])
def test_a_line_cut_short_is_removed(tmp_path, lost):
    kept = table(tmp_path)
    kept.write(ROWS)
    kept.path.write_bytes(kept.path.read_bytes()[:-lost])
    assert kept.read() == ROWS[:1]
    GrowingTable(kept).add(ROWS[1])
    assert kept.read() == ROWS


@pytest.mark.core
@pytest.mark.parametrize("text", ["", "m,", "m,p,na", "m,p,name,holds,ratio,seconds"])
def test_a_file_whose_names_a_full_disk_cut_short_begins_anew(tmp_path, text):
    kept = table(tmp_path)
    kept.path.write_text(text)
    assert kept.read() == []
    GrowingTable(kept).add(ROWS[0])
    assert kept.read() == ROWS[:1]


@pytest.mark.core
@pytest.mark.parametrize("text", ["m,p\n1,2\n", "my notes", "m", "m,q", "m,p,na\n", "\xff"])
def test_foreign_files_are_left_alone(tmp_path, text):
    kept = table(tmp_path)
    kept.path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="is not a table file of tests/1"):
        kept.read()
    assert kept.path.read_bytes() == text.encode("latin-1")


@pytest.mark.core
@pytest.mark.parametrize(
    ("cells", "others"),
    [("True", "TRUE"), ("False", "false"), ("True,,", "True,NA,"), ("True,,", "True,nan,")],
)
def test_a_table_that_another_program_wrote_is_read_as_it_was(tmp_path, cells, others):
    """Spreadsheets and R write TRUE, NA and a mark of byte order; editors leave blank lines."""
    kept = table(tmp_path)
    kept.write(ROWS)
    text = kept.path.read_text()
    assert cells in text
    kept.path.write_text("\ufeff" + text.replace(cells, others) + "\n", encoding="utf-8")
    assert kept.read() == ROWS
    GrowingTable(kept).add(ROWS[0])
    assert kept.read() == [*ROWS, ROWS[0]]


@pytest.mark.core
@pytest.mark.parametrize(
    ("cell", "other"),
    [("5e-324", "small"), ("5e-324", "nan"), ("True", "yes"), ("False", ""), ("True", "1")],
)
def test_a_line_that_is_no_row_is_named(tmp_path, cell, other):
    kept = table(tmp_path)
    kept.write(ROWS)
    kept.path.write_text(kept.path.read_text().replace(cell, other))
    with pytest.raises(ValueError, match="not a row of a table"):
        kept.read()


PREPARED = []


def prepare():
    PREPARED.append(None)


def prepared_times(_):
    return len(PREPARED)


def test_every_process_prepares_itself_once():
    found = dict(results(range(6), prepared_times, n_jobs=2, prepare=prepare))
    assert found == dict.fromkeys(range(6), 1)
    PREPARED.clear()
    assert list(results(range(3), prepared_times, prepare=prepare)) == [(k, 1) for k in range(3)]


def test_work_that_is_broken_off_says_nothing(recwarn):
    """joblib advises to ask for less."""
    found = results(range(12), abs, n_jobs=2)
    next(found)
    found.close()
    assert not recwarn.list


def test_without_a_console_nothing_is_shown(capsys):
    with progress(None, total=2.0, done=0, runs=2) as advance:
        advance(1.0)
    assert capsys.readouterr() == ("", "")
