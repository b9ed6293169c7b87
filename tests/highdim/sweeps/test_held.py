"""Tables of sweeps that spreadsheets saved anew."""

import csv
from dataclasses import replace

import pytest

from highdim.sweeps.exporting import export
from highdim.sweeps.held import lost, saved_anew
from highdim.sweeps.runs import RunConfig
from univariate.common.tables.ownership import is_ours

RUNS = [
    RunConfig(7, 50, p, seed, flow_time=2000 / 7, tolerance=1e-12)
    for p in (0.1, 1 / 3)
    for seed in (0, 1)
]
ROWS = [one.key | {"interpolates": True, "clean_error": 1 / 7} for one in RUNS]


def cell(text):
    """Write a cell as a spreadsheet does: ten digits, and truth values in capitals."""
    try:
        return f"{float(text):.10g}".replace("e", "E")
    except ValueError:
        return text.upper() if text in {"True", "False"} else text


def resave(path, separator=";", decimal=",", encoding="utf-8-sig"):
    with path.open(newline="") as stream:
        lines = [[cell(one) for one in line] for line in csv.reader(stream)]
    lines = [[one.replace(".", decimal) for one in line] for line in lines]
    text = "".join(f"{separator.join(line)}\r\n" for line in lines)
    path.write_bytes(text.encode(encoding))


@pytest.fixture
def table(tmp_path):
    return export(ROWS, tmp_path / "sweep.csv")


def test_a_table_holds_its_runs(table):
    assert lost(table.with_name("none.csv"), []) == 0
    assert not saved_anew(table)
    assert [lost(table, ROWS[:k]) for k in range(5)] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("separator", "decimal"), [(",", "."), (";", ","), (";", "."), ("\t", ","), ("|", ".")]
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_spreadsheet_changes_neither_whose_it_is_nor_what_it_holds(
    table, separator, decimal, encoding
):
    resave(table, separator, decimal, encoding)
    assert is_ours(table)
    assert saved_anew(table) == (separator != "," or encoding != "utf-8")
    assert [lost(table, ROWS[:k]) for k in range(5)] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"p": 0.33333}, {"flow_time": 285.71428}, {"bias": False}, {"tolerance": 2e-12}],
)
def test_another_run_is_not_taken_for_a_rounded_one(table, other):
    resave(table)
    others = [*ROWS[:3], replace(RUNS[3], **other).key]
    assert lost(table, others) == 1


def test_commas_between_thousands_are_none_in_numbers(table):
    resave(table)
    table.write_text(table.read_text().replace("100000", "100,000"))
    assert lost(table, ROWS) == 4


def test_what_is_no_table_of_a_sweep_is_nobodys(tmp_path):
    for text in ("m;d,p;seed;width;\n", "m d p seed width \n", "d;m;p;seed;width\n", "m;d\n"):
        (tmp_path / "sweep.csv").write_text(text)
        assert not is_ours(tmp_path / "sweep.csv")
