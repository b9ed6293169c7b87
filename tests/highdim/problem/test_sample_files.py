"""Samples in .csv files: exact round trips, and complaints that name the line."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import highdim


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["data.csv", "data.CSV", "data.npz"])
def test_round_trip_is_exact(tmp_path, name):
    sample = highdim.draw_sphere_sample(7, 5, 0.4, rng=0)
    path = tmp_path / name
    sample.save(path)
    found = highdim.SphereSample.load(path)
    np.testing.assert_array_equal(found.X, sample.X)
    np.testing.assert_array_equal(found.y, sample.y)
    assert found.p == (0.4 if name.endswith("npz") else None)


@pytest.mark.parametrize("ending", ["csv", "npz"])
@pytest.mark.parametrize(
    ("distribution", "truth"),
    [
        ("sphere", highdim.half_space([1 / 3, -5e-324, 1e300], 0.1)),
        ("gaussian", None),
        ("ball", highdim.init_network(3, 3, bias=False, rng=0)),
    ],
)
def test_files_keep_the_truth_and_the_distribution(tmp_path, ending, distribution, truth):
    sample = highdim.draw_sphere_sample(5, 3, 0.4, rng=0, distribution=distribution, truth=truth)
    path = tmp_path / f"data.{ending}"
    sample.save(path)
    found = highdim.SphereSample.load(path)
    assert found == sample
    assert (found.p, found.distribution, found.truth) == (0.4, distribution, truth)


def test_notes_of_others_and_damaged_ones_are_refused(tmp_path):
    table = "x0,x1,y\n1,0,1\n"
    for note, message in (
        ("# univariate.Sample/1 {}", "holds 'univariate.Sample/1', expected"),
        ("# highdim.SphereSample/1 {}", "lacks distribution"),
        ('# highdim.SphereSample/1 {"distribution": "cube"}', "`distribution` must be one of"),
        ('# highdim.SphereSample/1 {"distribution": "ball", "p": 2}', "`p` must lie in"),
    ):
        with pytest.raises(ValueError, match=message):
            highdim.SphereSample.load(written(tmp_path / "data.csv", f"{note}\n{table}"))


@pytest.mark.core
def test_header_is_optional_and_lines_may_be_empty(tmp_path):
    texts = (
        "x0,x1,y\n1,0,1\n\n0,1e0,-1\n",
        "1,0,+1\n0,1,-1.0",
        "\ufeffx0, x1 ,y\r\n1,0,1\r\n 0 , 1 ,-1\r\n,,\n",
    )
    for text in texts:
        found = highdim.SphereSample.load(written(tmp_path / "data.csv", text))
        assert found.X.tolist() == [[1.0, 0.0], [0.0, 1.0]]
        assert found.y.tolist() == [1.0, -1.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no data"),
        ("x0,x1,y\n", "no data|expected numbers"),
        ("x0,x1,y\n1,0,1\n0,1\n", "line 3: expected 3 numbers as in the lines before, got 2"),
        ("x0,x1,y\n1,0\n", "line 2: expected 3 numbers as in the lines before, got 2"),
        ("1,0,1\n0,one,-1\n", "line 2: expected finite numbers, got 'one'"),
        ("1,0,1\n0,,-1\n", "line 2: expected finite numbers, got ''"),
        ("1,0,1\nnan,0,-1\n", "line 2: expected finite numbers, got 'nan'"),
        ("1,0,1\n0,1e999,-1\n", "line 2: expected finite numbers, got '1e999'"),
        (
            "a,b,c,d,e,f,g,h\n1,2,3,4,5,6,7,1",
            r"one column of labels, .* got none among 'a, b, .*, \.\.\.'",
        ),
        ("x0,y,label\n1,1,1\n", "got several that may be it among 'x0, y, label'"),
        ("x0,x0,y\n1,1,1\n", "columns of different names, got 'x0' more than once"),
        ("0,1,1\n1,2,-1\n2,2,1\n", "line 1: the first column counts the rows"),
        ("1\n-1\n", "must have at least two columns, inputs and a label, got 1"),
        ("1,0,1\n0,1,0\n", r"`y` must hold labels \+1 and -1 only, got y\[1\] = 0;"),
        ("1,0,1\n1,0,-1\n", "no network interpolates this"),
        ('1,0,1\n"0,1,-1\n', "line 2: quotation marks must surround a cell"),
    ],
)
def test_damaged_files_are_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        highdim.SphereSample.load(written(tmp_path / "data.csv", text))


@pytest.mark.parametrize("name", ["Obs", "_n_", "rn", "nr", "X", "V1", "case"])
@pytest.mark.parametrize("start", [0, 1])
def test_columns_that_count_rows_are_no_coordinates_whatever_their_names(tmp_path, name, start):
    """As SAS, R and Excel write numbers of rows; where x0, x1, … are named, a count is an input."""
    for first in (name, "x0"):
        lines = [f"{first},a,y" if first == name else "x0,x1,y"]
        lines += [f"{start + k},{0.5**k},{(-1) ** k}" for k in range(6)]
        path = written(tmp_path / "data.csv", "\n".join(lines) + "\n")
        if first == "x0":
            assert highdim.SphereSample.load(path).X[:, 0].tolist() == [*range(start, start + 6)]
            continue
        with pytest.raises(ValueError, match=rf"the column '{name}' may be an input, or names"):
            highdim.SphereSample.load(path)
        assert highdim.SphereSample.load(path, columns=(name, "a", "y")).dimension == 2
        assert highdim.SphereSample.load(path, columns=("a", "y")).dimension == 1
        few = written(tmp_path / "few.csv", "\n".join(lines[:4]) + "\n")
        assert highdim.SphereSample.load(few).dimension == 2


def test_binary_and_missing_files(tmp_path):
    (tmp_path / "data.csv").write_bytes(b"0.5,1\n\xe9,1\n")
    with pytest.raises(ValueError, match="is not a text file"):
        highdim.SphereSample.load(tmp_path / "data.csv")
    for name in ("none.csv", "none.npz"):
        with pytest.raises(FileNotFoundError, match="must name an existing file"):
            highdim.SphereSample.load(tmp_path / name)


def test_a_failed_writing_keeps_the_old_file(tmp_path):
    sample = highdim.draw_sphere_sample(2, 3, 0.0, rng=0)
    with pytest.raises(OSError, match="`path` must be writable"):
        sample.save(tmp_path / "none" / "data.csv")


def test_a_sample_saves_itself_as_a_table(tmp_path):
    for law in ("sphere", "ball"):
        sample = highdim.draw_sphere_sample(5, 3, 0.2, rng=0, distribution=law)
        sample.save(tmp_path / "own.csv")
        assert highdim.SphereSample.load(tmp_path / "own.csv").distribution == law
    with pytest.raises(ValueError, match=r"`path` must end in \.csv or \.npz"):
        sample.save(tmp_path / "own.json")


def rows_with_a_copy(size=12):
    """Return inputs of which the last is 0 or 1 as the labels are −1 or +1, and these."""
    generator = np.random.default_rng(0)
    y = generator.permutation([1.0, -1.0] * (size // 2))
    return np.column_stack([generator.normal(size=(size, 2)), 0.5 + 0.5 * y]), y


def test_a_copy_of_the_labels_among_inputs_of_a_table_is_a_warning(tmp_path):
    X, y = rows_with_a_copy()
    path = tmp_path / "data.csv"
    np.savetxt(
        path, np.column_stack([X, y]), delimiter=",", header="x0,x1,responder,y", comments=""
    )
    with pytest.warns(UserWarning, match="'responder' has one value for each label") as found:
        assert highdim.SphereSample.load(path).dimension == 3
    assert found[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        columns = ["x0", "x1", "responder", "y"]
        assert highdim.SphereSample.load(path, columns=columns).dimension == 3


class Columns(list):
    """Rows with names of columns, as a table of pandas."""

    def __init__(self, rows, columns):
        super().__init__(rows)
        self.columns = columns


@pytest.mark.parametrize(
    ("change", "warns"),
    [
        (lambda X, y: (X, y), True),
        (lambda X, y: (X, -y), True),
        (lambda X, y: (X[:6], y[:6]), False),  # may well be chance
        (lambda X, y: (X[y > 0], y[y > 0]), False),
        (lambda X, y: (X[:, ::-1] * [1, 1, 1] + [0, 0, 1e-9], y), True),
        (lambda X, y: (np.where(np.arange(12)[:, None] == 11, X + 1, X), y), False),
        (lambda X, y: (X[:, [0, 1, 0]], y), False),
    ],
)
def test_inputs_of_tables_are_compared_with_the_labels(change, warns):
    X, y = change(*rows_with_a_copy())
    table = Columns(X.tolist(), ["a", "b", "c"])
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        highdim.SphereSample.from_arrays(table, y)
        highdim.SphereSample.from_arrays(X, y)  # arrays have no names
    assert len(found) == warns


@pytest.mark.parametrize(
    ("of_labels", "warns"),
    [
        (lambda y: y, True),
        (lambda y: -y, True),
        (lambda y: (1.0 + y) / 2.0, True),
        (lambda y: (3.0 - y) / 2.0, True),
        (lambda y: 5.0 * y, False),  # inputs of two clouds
        (lambda y: np.where(np.arange(24) == 11, -y, y), False),
    ],
)
def test_a_copy_of_the_labels_among_inputs_of_an_array_is_a_warning(of_labels, warns):
    X, y = rows_with_a_copy(24)
    X[:, 2] = of_labels(y)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        highdim.SphereSample.from_arrays(X, y)
        highdim.SphereSample(X, y)
        highdim.SphereSample(Columns(X.tolist(), ["a", "b", "c"]), y)
    texts = [str(one.message).partition(" has")[0] for one in found]
    unnamed = ["column 2 of `X`"] * 2
    assert texts[: 2 * warns] == unnamed * warns
    assert texts[2 * warns :] == ["the input 'c'"] * (warns or bool(np.all(X[:, 2] == 5.0 * y)))
    assert {one.filename for one in found} <= {__file__}


def test_a_copy_of_the_labels_in_a_file_of_arrays_is_a_warning(tmp_path):
    X, y = rows_with_a_copy(24)
    np.savez(tmp_path / "data.npz", X=X, y=y)
    np.save(tmp_path / "data.npy", np.column_stack([X, y]))
    np.savetxt(tmp_path / "data.csv", np.column_stack([X, y]), delimiter=",")
    for ending in ("npz", "npy", "csv"):
        with pytest.warns(UserWarning, match="column 2 of `X` has one value for each label"):
            highdim.SphereSample.load(tmp_path / f"data.{ending}")


def test_samples_made_of_a_sample_are_not_asked_again():
    X, y = rows_with_a_copy(24)
    with pytest.warns(UserWarning, match="column 2 of `X`"):
        sample = highdim.SphereSample(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = replace(sample, p=0.5)
        assert again.X is not sample.X
        highdim.SphereSample(again.X, y)


def test_inputs_that_stand_in_another_order_than_their_numbers_are_said(tmp_path):
    """Sorted by name, 10 comes before 2: a net trained on columns as they stand has others."""
    X = np.random.default_rng(0).normal(size=(6, 3)).round(3)
    names = ["pixel1", "pixel10", "pixel2"]
    path = tmp_path / "data.csv"
    rows = np.column_stack([X, np.sign(X[:, 1])])
    np.savetxt(path, rows, delimiter=",", header=",".join([*names, "y"]), comments="")
    with pytest.warns(UserWarning, match="their numbers, pixel1, pixel2, pixel10, in which they"):
        assert np.array_equal(highdim.SphereSample.load(path).X, X[:, [0, 2, 1]])
    for asked, order in ((names, [0, 1, 2]), (names[::-1], [2, 1, 0])):
        loaded = highdim.SphereSample.load(path, columns=(*asked, "y"))
        assert np.array_equal(loaded.X, X[:, order])
