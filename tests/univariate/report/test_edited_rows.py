"""Files of studies and comparisons that somebody edited, or that hold a row twice."""

import csv

import pytest
from typer.testing import CliRunner

import univariate as u
from univariate.cli.app import app
from univariate.report import study


@pytest.fixture(params=["study", "comparison"])
def made(request, tmp_path):
    """A file of two rows, and what goes on with it and what reads it."""
    path = tmp_path / f"{request.param}.csv"
    if request.param == "study":
        go_on, read = (lambda: list(study.run_study([20], [0.2], range(3), path))), study.read_study
        list(study.run_study([20], [0.2], range(2), path))
    else:
        makers = {"nn": u.NearestNeighbours}
        go_on, read = (lambda: list(u.compare(makers, [20], [0.2], range(3), path))), None
        read = u.read_comparison
        list(u.compare(makers, [20], [0.2], range(2), path))
    return path, go_on, lambda: read(path)


def edited(path, column, change):
    """Change a cell of line 3, and return the bytes that are there now."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[1][column] = change(rows[1])
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("clean_error", "0.9", "must lie between clean_error_low, .* and clean_error_high, .*0.9"),
        ("clean_error", "0.0", "must lie between clean_error_low, .* and clean_error_high, .*0.0"),
        ("clean_error_low", "-0.1", r"must lie in \[0, 1\], got -0.1"),
        ("clean_error_high", "1.5", r"must lie in \[0, 1\], got 1.5"),
        ("clean_error_high", "inf", r"must lie in \[0, 1\], got inf"),
        ("nearest_neighbour", "NaN", "must hold a number, got 'NaN'"),
        ("nearest_neighbour", "0,08", "must hold a number, got '0,08'"),
        ("noise_rate", "2", r"must lie in \[0, 1\], got 2.0"),
        ("m", "0", "must be at least 1, got 0"),
        ("m", "20.0", "must hold a whole number, got '20.0'"),
        ("seed", "-1", "must be at least 0, got -1"),
    ],
)
def test_what_cannot_be_is_refused_by_line_and_column(made, column, value, reason):
    path, go_on, read = made
    kept = edited(path, column, lambda _: value)
    for use in (go_on, read):
        with pytest.raises(ValueError, match=f"line 3: not a row of a .*, {column!r} {reason}"):
            use()
    assert path.read_bytes() == kept


def test_a_line_of_other_length_is_refused_by_its_number(made):
    path, _, read = made
    path.write_text(path.read_text() + "\n1,2\n\n")
    with pytest.raises(ValueError, match=r"line 5: not a row of a .*, it has 2 cells instead of 1"):
        read()


def test_rows_that_stand_twice_are_removed_and_those_that_differ_refused(made):
    path, go_on, read = made
    clean = path.read_bytes()
    names, first, second = path.read_text().splitlines(keepends=True)
    rows = read()
    # as two processes wrote it, before they took turns
    path.write_text(names + names + first + second + first)
    assert read() == rows
    assert path.read_bytes() == clean
    path.write_text(names + first + second + second)
    assert go_on()[:2] == rows
    assert path.read_text().count(second) == 1
    other = edited(path, "nearest_neighbour", lambda row: float(row["nearest_neighbour"]) / 2)
    path.write_bytes(other + second.encode())
    for use in (go_on, read):
        with pytest.raises(ValueError, match=r"lines 3 and 5: two rows of the same .*'nearest_n"):
            use()
    assert path.read_bytes() == other + second.encode()


@pytest.mark.parametrize("separator", [";", "\t"])
def test_what_a_spreadsheet_saved_anew_is_called_so(made, separator):
    path, go_on, read = made
    text = path.read_text().replace(",", separator).replace(".", ",").replace("\n", "\r\n")
    for one in (f"\ufeff{text}", text.replace(separator, f"{separator} ", 0), text.rstrip()):
        path.write_bytes(one.encode())
        for use in (go_on, read):
            with pytest.raises(ValueError, match="cells between commas, as it was written, got"):
                use()
        assert path.read_bytes() == one.encode()


def test_the_command_says_it_in_one_line(tmp_path):
    options = ["report", "--m", "20,30", "--p", "0.2", "--no-figure", "--out", str(tmp_path)]
    assert CliRunner().invoke(app, options).exit_code == 0
    edited(tmp_path / "study.csv", "clean_error", lambda _: "0.9")
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 2
    assert "study.csv', line 3: not a row of a study, 'clean_error' must lie" in done.stderr
    assert done.stderr.count("\n") == 1
