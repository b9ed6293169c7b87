"""Columns of tables: those that are named, names that are numbers, and numbers of rows."""

import json

import numpy as np
import pytest
from scipy import stats

import highdim
import univariate as u

X, Y = [0.25, 0.5], [-1.0, 1.0]
TABLES = {
    "more columns": 'patient,dose,note,answer\n7,0.5,"well, well",1\n9,0.25,none,-1\n',
    "semicolons": "answer;when;dose\n1;2026-11-29;0,5\n-1;2026-11-30;0,25\n",
    "tabs": "dose\tanswer\tafter\n0.5\t1\t\n0.25\t-1\tyes\n",
    "x and y besides": "x,y,dose,answer\n3,1,0.5,1\n4,1,0.25,-1\n",
    "records": json.dumps(
        [{"answer": 1, "dose": 0.5, "who": "a"}, {"answer": -1, "dose": 0.25, "who": "b"}]
    ),
}


def put(folder, content):
    path = folder / "file"
    path.write_text(content)
    return path


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_columns_that_are_named_are_read_and_no_others(tmp_path, text):
    path = put(tmp_path, text)
    for columns in (("dose", "answer"), [" dose", "answer "]):
        found = u.Sample.load(path, columns=columns)
        assert (found.x.tolist(), found.y.tolist()) == (X, Y)
    sphere = highdim.SphereSample.load(path, columns=("dose", "answer"))
    assert sphere.X.tolist() == [[0.5], [0.25]]


def test_inputs_are_in_the_order_in_which_they_are_named(tmp_path):
    path = put(tmp_path, "x1,x2,z,label\n1,2,3,yes\n4,5,6,no\n")
    found = highdim.SphereSample.load(
        path, columns=("x2", "x1", "label"), label_map={"yes": 1, "no": -1}
    )
    assert found.X.tolist() == [[2.0, 1.0], [5.0, 4.0]]


def test_arrays_are_named_as_columns_are(tmp_path):
    np.savez(tmp_path / "a.npz", dose=X, answer=Y, age=[50, 60])
    found = u.Sample.load(tmp_path / "a.npz", columns=("dose", "answer"))
    assert (found.x.tolist(), found.y.tolist()) == (X, Y)
    rows = np.array([(0.25, -1, 3), (0.5, 1, 4)], dtype=[("d", "f8"), ("a", "i8"), ("n", "i8")])
    np.save(tmp_path / "b.npy", rows)
    assert u.Sample.load(tmp_path / "b.npy", columns=("d", "a")).x.tolist() == X
    with pytest.raises(ValueError, match="`columns` must name one array of inputs and one of lab"):
        u.Sample.load(tmp_path / "a.npz", columns=("dose", "age", "answer"))
    np.save(tmp_path / "c.npy", np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"`columns` must be left out, .* has no names"):
        u.Sample.load(tmp_path / "c.npy", columns=("dose", "answer"))
    u.Sample(X, Y).save(tmp_path / "d.npz")
    with pytest.raises(ValueError, match=r"`columns` must be left out, .* is a sample as saved"):
        u.Sample.load(tmp_path / "d.npz", columns=("x", "y"))


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ("dose,answer", TypeError, "`columns` must be a sequence of names, got 'dose,answer'"),
        ((0, 1), TypeError, "`columns` must be a sequence of names"),
        (("dose",), ValueError, "`columns` must be different names, two or more, got 'dose'"),
        (("dose", "dose"), ValueError, "`columns` must be different names"),
        (("dose", "y"), ValueError, "the columns 'dose', 'y' .* got only 'patient', 'dose'"),
        (("twice", "answer"), ValueError, "got several called 'twice'"),
    ],
)
def test_columns_that_are_not_there_are_refused(tmp_path, columns, error, message):
    path = put(tmp_path, "patient,dose,answer,twice,twice\n7,0.5,1,1,1\n9,0.25,-1,2,2\n")
    with pytest.raises(error, match=message):
        u.Sample.load(path, columns=columns)
    with pytest.raises(ValueError, match=r"must have the columns 'x', 'y' .* got no names"):
        u.Sample.load(put(tmp_path, "0.5,1\n0.25,-1\n"), columns=("x", "y"))


def test_a_law_and_a_truth_come_with_a_file_or_are_given(tmp_path):
    sample = u.draw_sample(20, 0.2, rng=0, density=stats.beta(2, 5), truth="0.5:+-")
    sample.save(tmp_path / "s.csv")
    found = u.Sample.load(tmp_path / "s.csv")
    assert (found.density, found.truth) == (sample.density, sample.truth)
    other = u.Sample.load(tmp_path / "s.csv", density=stats.uniform(0, 2), truth="0.25:-+")
    assert (other.density.name, other.truth.text) == ("uniform(0, 2)", "0.25:-+")
    assert other.x.tolist() == sample.x.tolist()
    with pytest.raises(ValueError, match="`x` must lie where the density does"):
        u.Sample.load(tmp_path / "s.csv", density=stats.uniform(5, 2))


# Names and rows that may be something else


@pytest.mark.parametrize("text", ["0,1\n3,-1\n5,1\n", "0,1\n0.5,-1\n2,1\n", "0,1\n1,-1\n"])
def test_a_first_line_that_pandas_may_have_written_is_no_observation(tmp_path, text):
    with pytest.raises(ValueError, match="line 1: '0,1' may be data or names of columns"):
        u.Sample.load(put(tmp_path, text))
    with pytest.raises(ValueError, match="line 1: '0,1,2' may be data or names of columns"):
        highdim.SphereSample.load(put(tmp_path, "0,1,2\n5,3,1\n4,8,2"), label_map={1: 1, 2: -1})
    named = put(tmp_path, "x,y\n" + text)
    assert u.Sample.load(named).size == text.count("\n")


def test_rows_that_do_not_count_may_be_inputs(tmp_path):
    for name, numbers in (
        ("row", "17 3 42"),
        ("row", "1 1 2"),
        ("id", "5 5 7"),
        ("index", "2 2 1"),
    ):
        rows = [f"{k},{x},{y}" for k, x, y in zip(numbers.split(), "259", (1, -1, 1), strict=True)]
        path = put(tmp_path, "\n".join([f"{name},col,y", *rows]))
        for load in (u.Sample.load, highdim.SphereSample.load):
            with pytest.raises(ValueError, match=f"the column '{name}' may be an input, or names"):
                load(path)
        assert u.Sample.load(path, columns=("col", "y")).x.tolist() == [2, 5, 9]
    for name, numbers in (("row", "2 0 1"), ("ROW", "1 2 3"), ("id", "17 3 42"), ("", "7 5 9")):
        rows = [f"{k},{x},{y}" for k, x, y in zip(numbers.split(), "259", (1, -1, 1), strict=True)]
        path = put(tmp_path, "\n".join([f"{name},col,y", *rows]))
        assert u.Sample.load(path).x.tolist() == [2, 5, 9]
    halves = put(tmp_path, "row,y\n0.5,1\n0.25,-1\n")
    assert u.Sample.load(halves).x.tolist() == X


@pytest.mark.parametrize("names", ["Unnamed: 0.1", "Unnamed: 0.1,Unnamed: 0", ",Unnamed: 0.1.1"])
def test_indices_that_pandas_saved_again_are_counters(tmp_path, names):
    count = names.count(",") + 1
    rows = [
        ",".join([*[str(k)] * count, x, y]) for k, x, y in (("7", "0.5", "1"), (3, "0.25", "-1"))
    ]
    found = u.Sample.load(put(tmp_path, "\n".join([f"{names},x,y", *rows])))
    assert (found.x.tolist(), found.y.tolist()) == (X, Y)
    other = put(tmp_path, "Unnamed: 3,x,y\n0,0.5,1\n1,0.25,-1\n")
    assert highdim.SphereSample.load(other).X.shape == (2, 2)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_last_columns_that_are_empty_are_passed_over(tmp_path, mark, count):
    lines = [f"{cells}{mark * count}" for cells in (f"0.5{mark}1", f"0.25{mark}-1")]
    for head in ([], [f"x{mark}y{mark * count}"]):
        found = u.Sample.load(put(tmp_path, "\n".join([*head, *lines])))
        assert (found.x.tolist(), found.y.tolist()) == (X, Y)
    if count > 1:
        with pytest.raises(ValueError, match="line 1: expected "):
            u.Sample.load(put(tmp_path, "\n".join([*lines, f"0.75{mark}1{mark * count}3"])))


def test_commas_in_labels_say_nothing_of_thousands(tmp_path):
    for label in ("cat", "cat, black"):
        text = f'x,y\n"1,155","{label}"\n"2,537",dog\n483,dog\n'
        with pytest.raises(ValueError, match="the comma in '1,155' may be a decimal sign or sep"):
            u.Sample.load(put(tmp_path, text), label_map={label: 1, "dog": -1})
    text = "id; x; y\n1; 1,578; a,b\n3; 250; c\n"
    with pytest.raises(ValueError, match="the comma in '1,578' may be a decimal sign or separate"):
        u.Sample.load(put(tmp_path, text), label_map={"a,b": 1, "c": -1})


@pytest.mark.parametrize("line", ['"1"0,1', '"0.1"5,1', '0.5,"1'])
def test_quotation_marks_that_surround_no_cell_are_refused(tmp_path, line):
    with pytest.raises(ValueError, match="line 2: quotation marks must surround a cell"):
        u.Sample.load(put(tmp_path, f"x,y\n{line}\n0.25,-1\n"))
    text = '"yes sure",0.5\n"no way",0.25\n'  # by spaces they surround none
    with pytest.raises(ValueError, match=r"expected finite numbers|labels"):
        u.Sample.load(put(tmp_path, text))
    named = put(tmp_path, 'label,x\n"yes sure",0.5\n"no way",0.25\n')
    found = u.Sample.load(named, label_map={"yes sure": 1, "no way": -1})
    assert found.x.tolist() == X


OTHERS = [
    "y_pred",
    "prediction",
    "fold",
    "split",
    "sample_weight",
    "sample_id",
    "y_true",
    "is_flipped",
    "clean",
    "is_train",
    "ground_truth",
    "truth",
    "proba",
    "logit",
    ".fitted",
    ".std.resid",
    ".pred_yes",
    "residuals",
    "p_hat",
    "f_star",
    "y_score",
    "rowid",
    "row_number",
]


@pytest.mark.parametrize("name", OTHERS)
def test_columns_that_are_called_as_no_inputs_are_refused(tmp_path, name):
    """They were coordinates of a sample in a dimension more."""
    path = put(tmp_path, f"x1,x2,{name},y\n0.5,1,3,1\n0.25,2,1,-1\n")
    for read in (u.Sample, highdim.SphereSample):
        with pytest.raises(ValueError, match=f"the column '{name}' has a name that no input has"):
            read.load(path)
    found = highdim.SphereSample.load(path, columns=("x1", "x2", "y"))
    assert found.X.tolist() == [[0.5, 1.0], [0.25, 2.0]]
    alone = put(tmp_path, f"{name},y\n0.5,1\n0.25,-1\n")
    assert u.Sample.load(alone).x.tolist() == X


def test_a_column_too_many_on_the_line_is_told_by_name(tmp_path):
    """The advice was to keep x and y alone, where naming them is enough."""
    path = put(tmp_path, "dose,noise,label\n0.5,0,1\n0.25,1,-1\n")
    message = r"got 2; the inputs of the table are dose, noise, .* \(--columns dose,label\), or use"
    with pytest.raises(ValueError, match=message):
        u.Sample.load(path)
    assert u.Sample.load(path, columns=("dose", "label")).x.tolist() == X


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("split", ["train", "test"]),
        ("subset", ["a", "b"]),
        ("role", ["Training", "held-out"]),
        ("fold", ["0", "1"]),
        ("is_train", ["1", "0"]),
    ],
)
def test_columns_that_part_the_rows_are_told_that_naming_others_takes_all(tmp_path, name, values):
    """A network was judged on rows of the test, as it was told to name the other columns."""
    first, second = values
    path = put(tmp_path, f"{name},x,z,y\n{first},0.5,1,1\n{second},0.25,1,-1\n")
    message = r"keep the rows that are meant and drop it, or .* x,y\), for the rows of all parts$"
    with pytest.raises(ValueError, match=message):
        highdim.SphereSample.load(path)
    found = highdim.SphereSample.load(path, columns=("x", "z", "y"))
    assert found.X.tolist() == [[0.5, 1.0], [0.25, 1.0]]


def test_inputs_may_be_called_as_they_like(tmp_path):
    names = ["Time", "V1", "V2", "Amount", "weight", "identity", "y_position", "predictor", "noise"]
    names += ["train", "score", "test", "rain_prob", "truthful"]
    values = ",".join(map(str, range(1, len(names) + 1)))
    path = put(tmp_path, ",".join([*names, "Class"]) + "\n" + f"{values},1\n" * 2)
    assert highdim.SphereSample.load(path).dimension == len(names)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x,when,y\n1,2026-11-29,1\n2,2026-11-30,-1\n", "when"),
        ('"","x","y"\n"Mazda",1,1\n"Fiat",2,-1\n', ""),
        ("x,group,y\n1,a,1\n2,b,-1\n", "group"),
    ],
    ids=["dates", "names of rows", "groups"],
)
def test_columns_of_words_are_told_by_their_names(tmp_path, text, name):
    path = put(tmp_path, text)
    with pytest.raises(ValueError, match=f"the column '{name}' holds no numbers, but '"):
        u.Sample.load(path)
    assert u.Sample.load(path, columns=("x", "y")).x.tolist() == [1.0, 2.0]


def test_an_index_beside_columns_that_pandas_has_numbered_is_names(tmp_path):
    """As pd.DataFrame(np.c_[x, y]).to_csv writes them: the empty cell was no finite number."""
    path = put(tmp_path, ",0,1\n0,0.5,1.0\n1,0.25,-1.0\n")
    with pytest.raises(ValueError, match=r"one column of labels, .* got none .*\(--columns x,y\)"):
        u.Sample.load(path)
    found = u.Sample.load(path, columns=("0", "1"))
    assert (found.x.tolist(), found.y.tolist()) == (X, Y)
    with pytest.raises(ValueError, match="one column of labels"):  # a column alone
        u.Sample.load(put(tmp_path, ",0\n0,0.5\n1,0.25\n"))


def test_an_array_with_labels_in_its_second_row_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", [[*X, 0.75], [*Y, 1.0]])
    for kind in (u.Sample, highdim.SphereSample):
        with pytest.raises(ValueError, match=r"got labels in the second row; transpose it, by"):
            kind.load(tmp_path / "a.npy")
    np.save(tmp_path / "b.npy", [[0.5, 0.25, 1.0], [1.0, 1.0, -1.0]])
    assert highdim.SphereSample.load(tmp_path / "b.npy").y.tolist() == [1.0, -1.0]
