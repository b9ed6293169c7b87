"""Scripts and makers that go to other folders: a file stays where it was begun."""

import os

import pytest
from typer.testing import CliRunner

import univariate as u
from univariate.cli.app import app
from univariate.report.study import run_study


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder beside the current one."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "there"


def gone(rows, folder):
    """How many rows there are where the caller goes to a folder before the first and after it."""
    os.chdir(folder)
    for k, _ in enumerate(rows):
        os.chdir(folder.parent / ("here", "there")[k % 2])
    return k + 1


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


@pytest.mark.parametrize("begun", [False, True])
def test_rows_stay_in_one_file_wherever_the_caller_goes(elsewhere, begun):
    grid = [20], [0.2], range(4)
    for make, path in [
        (lambda *about: u.compare({"nn": u.NearestNeighbours}, *about), "rows.csv"),
        (run_study, "study.csv"),
    ]:
        os.chdir(elsewhere.parent / "here")
        if begun:
            list(make([20], [0.2], [2], path))
        assert gone(make(*grid, path), elsewhere) == 4
        assert len((elsewhere.parent / "here" / path).read_text().splitlines()) == 5
    assert files(elsewhere.parent) == ["here/rows.csv", "here/study.csv"]


def test_messages_name_a_path_as_it_was_given(elsewhere):
    rows = u.compare({"nn": u.NearestNeighbours}, [20], [0.2], [0], "none/rows.csv")
    with pytest.raises(FileNotFoundError, match=r"got 'none/rows\.csv'"):
        next(rows)
    (elsewhere.parent / "here" / "rows.csv").write_text("other,columns\n1,2\n")
    rows = u.compare({"nn": u.NearestNeighbours}, [20], [0.2], [0], "rows.csv")
    os.chdir(elsewhere)
    with pytest.raises(ValueError, match=r"^'rows\.csv' is not a comparison file"):
        next(rows)


def test_makers_are_called_where_the_comparison_is(elsewhere):
    seen = []

    def going(sample):
        seen.append(os.getcwd())
        os.chdir(elsewhere)
        if sample.size == 30:
            raise ValueError("no")
        return u.NearestNeighbours(sample)

    here = os.getcwd()
    with pytest.raises(RuntimeError, match="no"):
        list(u.compare({"going": going}, [20, 30], [0.2], [0, 1], "rows.csv"))
    assert seen == [here] * 3
    assert os.getcwd() == here
    assert files(elsewhere.parent) == ["here/rows.csv"]


@pytest.mark.parametrize("where", ["in the function", "in the file"])
def test_a_command_writes_to_the_folder_that_it_was_begun_in(elsewhere, where):
    go = f"os.chdir({str(elsewhere)!r})"
    before, within = ("", f"{go};") if where == "in the function" else (go, "")
    text = f"import os\nimport univariate as u\n{before}\n\n\n"
    text += f"def train(sample):\n    {within}return u.NearestNeighbours(sample)\n"
    (elsewhere.parent / "mine.py").write_text(text)
    words = ["compare", "../mine.py:train", "--m", "20", "--p", "0.2", "--seeds", "3"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert files(elsewhere.parent) == ["here/comparison.csv", "here/comparison.png", "mine.py"]
