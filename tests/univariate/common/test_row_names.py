"""Columns of tables whose rows have names are joined by place: refused where the names say that it
is wrong, with a warning where they may.
"""

import numpy as np
import pytest

import highdim
import univariate as u

JOINED = r"`{0}` and `{1}` were joined by place, and their rows have other names, {2} first"


class Index:
    """Names of rows, with what those of pandas offer."""

    def __init__(self, names):
        self.names = list(names)
        if isinstance(names, range):
            self.step = names.step
        self.is_unique = len(set(names)) == len(names)

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return iter(self.names)

    def equals(self, other):
        return self.names == other.names

    @property
    def nlevels(self):
        return len(self.names[0]) if isinstance(self.names[0], tuple) else 1

    def isin(self, other):
        if self.nlevels != other.nlevels:
            raise ValueError("MultiIndex.isin expects an iterable of tuples")
        return np.isin(self.names, other.names)


class Column:
    """A column whose rows have names, as those of pandas."""

    def __init__(self, values, names):
        self.values = np.asarray(values)
        self.index = Index(names)

    def to_numpy(self):
        return self.values


def test_columns_whose_rows_are_in_different_orders_are_refused():
    """As df.x.sort_values() beside df.y: labels went to other inputs."""
    x, y = [0.25, 0.5, 0.75], [1, -1, 1]
    turned = Column(x, "cab"), Column(y, "abc")
    remedy = r"pass y\.loc\[x\.index\], or y\.to_numpy\(\) if"
    for make in (u.Sample, u.Sample.from_arrays):
        with pytest.raises(ValueError, match=remedy):
            make(*turned)
    for make in (highdim.SphereSample, highdim.SphereSample.from_arrays):
        with pytest.raises(ValueError, match="`X` and `y` must have rows in one order"):
            make(Column(np.array(x)[:, None], "cab"), turned[1])
    # of tables joined end to end
    with pytest.raises(ValueError, match=r"some of them twice; sort the table, .* y\.to_numpy\(\)"):
        u.Sample.from_arrays(Column(x, "baa"), Column(y, "aab"))
    for of_x, of_y in (["abc", "abc"], ["aab", "aab"]):
        assert u.Sample.from_arrays(Column(x, of_x), Column(y, of_y)).y.tolist() == y
    assert u.Sample.from_arrays(Column(x, "cab"), y).y.tolist() == y
    assert u.Sample.from_arrays(x, tuple(y)).y.tolist() == y


def test_equal_names_of_other_types_are_the_same_names():
    """As int64 and Int64 of pandas, or one time in two zones: columns in one order were refused."""

    class Typed(Index):
        def equals(self, other):
            return super().equals(other) and [*map(type, self)] == [*map(type, other)]

    x, y = Column([0.25, 0.5, 0.75], [3, 5, 9]), Column([1, -1, 1], [3.0, 5.0, 9.0])
    x.index, y.index = Typed([3, 5, 9]), Typed([3.0, 5.0, 9.0])
    assert not x.index.equals(y.index)
    assert u.Sample.from_arrays(x, y).y.tolist() == [1, -1, 1]


def test_names_of_rows_in_parts_are_no_names_in_one():
    """As of a column with a MultiIndex: pandas refuses to compare them, in one order of the two."""
    x, y = [0.25, 0.5, 0.75], [1, -1, 1]
    parts = [(0, "a"), (0, "b"), (1, "a")]
    for of_x, of_y in ((parts, range(3)), (range(3), parts)):
        assert u.Sample.from_arrays(Column(x, of_x), Column(y, of_y)).y.tolist() == y
    with pytest.warns(UserWarning, match=r"other names, \(0, 'a'\) beside 'a' first"):
        u.Sample.from_arrays(Column(x, parts), Column(y, "abc"))


def test_columns_with_gaps_at_different_rows_are_refused():
    """As df.x.dropna() beside df.y.dropna(): as long, and the rows between the gaps were paired
    with others' labels.
    """
    x, y = [0.25, 0.5, 0.75, 1.0], [1, -1, 1, 1]
    remedy = r"got some of other names .*; drop rows of the table, .* y\.to_numpy\(\)"
    rows = ([0, 1, 2, 4], [0, 1, 3, 4]), ("abde", "abce"), ([1, 2, 4, 5], [0, 2, 3, 5])
    # some twice, as in tables joined end to end
    joined = ([1, 0, 1, 2], [0, 0, 1, 2]), ([0, 1, 0, 2], [1, 2, 3, 0]), ("aabc", "abbc")
    for of_x, of_y in (*rows, *joined):
        with pytest.raises(ValueError, match=remedy):
            u.Sample(Column(x, of_x), Column(y, of_y))
        with pytest.raises(ValueError, match="`X` and `y` must have the same rows"):
            highdim.SphereSample(Column(np.array(x)[:, None], of_x), Column(y, of_y))


# the next values, another table, tables joined end to end, parts of one table, times
UNLIKE = {
    "shifted": ("abcd", "bcde", "'a' beside 'b'"),
    "disjoint": ("abcd", "wxyz", "'a' beside 'w'"),
    "shifted, one twice": ("abca", "bcab", "'a' beside 'b'"),
    "a lag": (range(4), range(1, 5), "0 beside 1"),
    "the one before": (range(1, 5), range(4), "1 beside 0"),
    "every second": (range(4), range(0, 8, 2), "1 beside 2"),
    "backwards": (range(4, 0, -1), range(4), "4 beside 0"),
    "another part": ([4, 5, 6, 7], [5, 6, 7, 8], "4 beside 5"),
    "other filters": ([4, 9, 6, 7], [5, 1, 0, 8], "4 beside 5"),
    "times": ([0.5, 1.0, 1.5, 2.0], [1.0, 1.5, 2.0, 2.5], "0.5 beside 1.0"),
    "whole times": ([0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0], "0.0 beside 1.0"),
}


@pytest.mark.parametrize("name", UNLIKE)
def test_columns_whose_rows_have_other_names_are_a_warning(name):
    """They were joined without a word, as df.x[df.a > 0] beside df.y[df.b > 0]."""
    of_x, of_y, first = UNLIKE[name]
    x, y = [0.25, 0.5, 0.75, 1.0], [1, -1, 1, 1]

    def text(a, b):
        words = rf"; pass {a}\.to_numpy\(\) or {b}\.to_numpy\(\) if that is meant, else choose"
        return JOINED.format(a, b, first) + words

    for make in (u.Sample, u.Sample.from_arrays):
        with pytest.warns(UserWarning, match=text("x", "y")) as found:
            assert make(Column(x, of_x), Column(y, of_y)).y.tolist() == y
        assert [one.filename for one in found] == [__file__]
        # as the remedy says
        assert make(np.array(x), Column(y, of_y)).y.tolist() == y
        assert make(Column(x, of_x), np.array(y)).y.tolist() == y
    X = np.array(x)[:, None]
    limit = highdim.orthogonal_limit(3, 1)
    for make in (highdim.SphereSample, highdim.SphereSample.from_arrays, limit.net):
        with pytest.warns(UserWarning, match=text("X", "y")) as found:
            make(Column(X, of_x), Column(y, of_y))
        assert [one.filename for one in found] == [__file__]
    with pytest.warns(UserWarning, match=text("v", "b")):
        u.ReluNet(Column(x, of_x), x, Column(y, of_y))
    with pytest.warns(UserWarning, match=text("v", "W")):
        highdim.TwoLayerNet(Column(y, of_x), Column(X, of_y))
    square = np.eye(4)
    with pytest.warns(UserWarning, match=text("v", "b2")):
        highdim.ThreeLayerNet(Column(x, of_x), square, Column(y, of_y), X, None)
    with pytest.warns(UserWarning, match=text("W1", "b1")):
        highdim.ThreeLayerNet(x, square, None, Column(X, of_x), Column(y, of_y))
    with pytest.warns(UserWarning, match=text("v", "w")):
        u.clean_errors(Column(square, of_x), Column(square, of_y), square)


def test_rows_that_were_numbered_anew_have_no_names():
    """Nothing can be told from 0, 1, … beside what is no part of a table from one row on."""
    x, y = [0.25, 0.5, 0.75, 1.0], [1, -1, 1, 1]
    for other in ([0, 1, 3, 4], [7, 1, 9, 4], "abcd", "aabb", [0.0, 0.5, 1.0, 3.0], [1, 1, 1, 1]):
        assert u.Sample(Column(x, range(4)), Column(y, other)).y.tolist() == y
        assert u.Sample(Column(x, other), Column(y, range(4))).y.tolist() == y
    with pytest.warns(UserWarning, match=r"0 beside 7 first"):  # what is left of a column
        u.Sample(Column(x, [0, 1, 2, 3]), Column(y, [7, 1, 9, 4]))
    # of two any have one step
    assert u.Sample(Column(x[:2], range(2)), Column(y[:2], [3, 7])).y.tolist() == y[:2]
    assert u.Sample(Column(x[:1], range(1)), Column(y[:1], [3])).y.tolist() == y[:1]
    with pytest.warns(UserWarning, match="0 beside 1 first"):
        u.Sample(Column(x[:2], range(2)), Column(y[:2], [1, 2]))


def test_coordinates_of_xarray_are_names_of_rows():
    """By what they offer: names for each axis, the first being that of rows."""

    class Labelled(Column):
        dims = ("row",)

        def __init__(self, values, names):
            super().__init__(values, names)
            self.indexes = {"row": self.index} if names else {}
            self.index = None

    x, y = [0.25, 0.5, 0.75], [1, -1, 1]
    with pytest.warns(UserWarning, match=JOINED.format("x", "y", "'a' beside 'b'")):
        u.Sample(Labelled(x, "abc"), Labelled(y, "bcd"))
    with pytest.raises(ValueError, match="must have rows in one order"):
        u.Sample(Labelled(x, "abc"), Labelled(y, "bca"))
    assert u.Sample(Labelled(x, ""), Labelled(y, "bcd")).y.tolist() == y


def test_rows_of_pandas_and_of_xarray():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"x": np.arange(1, 7) / 8, "y": [1, -1] * 3, "a": [1, 1, 1, 0, 1, 0]})
    x, y, a = table.x, table.y, table.a
    for one, other in ((x[:-1], y[1:]), (x[a > 0][:2], y[a < 1]), (x[:3], y[3:])):
        with pytest.warns(UserWarning, match="were joined by place"):
            u.Sample(one, other)
    dates = table.set_index(pandas.date_range("2026-01-01", periods=6))
    with pytest.warns(UserWarning, match=r"other names, Timestamp\('2026-01-01 .*'\) beside"):
        u.Sample(dates.x[:-1], dates.y[1:])
    alike = (x, y), (x[a > 0], y[a > 0]), (x[a > 0].reset_index(drop=True), y[a > 0])
    for one, other in (*alike, (dates.x, y), (x[:-1], y[1:].to_numpy())):
        assert u.Sample(one, other).size == len(one)
    arrays = pytest.importorskip("xarray")
    series = arrays.DataArray(np.arange(1, 7) / 8, {"t": np.arange(6.0) + 0.5}, ("t",))
    with pytest.warns(UserWarning, match="0.5 beside 1.5 first"):
        u.Sample(series[:-1], arrays.ones_like(series)[1:])
    assert u.Sample(series, arrays.ones_like(series)).size == 6


class Table(Column):
    """A table whose rows and columns have names, as those of pandas."""

    def __init__(self, values, names, columns):
        super().__init__(values, names)
        self.columns = Index(columns)


def test_columns_of_stacks_in_different_orders_are_refused():
    """As B[["b", "a"]] beside V and W: neurons had the biases of others."""
    v, w, b = [[1.0, -3.0]], [[1.0, 1.0]], [[0.0, -0.5]]
    named = Table(v, range(1), "ab"), Table(w, range(1), "ab")
    remedy = r"`v` and `b` must have columns in one order, .* 'a' beside 'b' first; pass b\[v\."
    with pytest.raises(ValueError, match=remedy):
        u.clean_errors(*named, Table(b, range(1), "ba"))
    expected = u.clean_errors(v, w, b).tolist()
    for other in (b, Table(b, range(1), "ab"), Table(b, range(1), "cd"), Column(b, range(1))):
        assert u.clean_errors(*named, other).tolist() == expected


def test_coordinates_of_a_normal_law_in_different_orders_are_refused():
    """As df.cov() beside the mean of columns in another order."""
    covariance, mean = [[2.0, 0.5], [0.5, 1.0]], [5.0, 0.0]
    named = Table(covariance, "ab", "ab")
    with pytest.raises(ValueError, match=r"coordinates in one order, .*; pass mean\.loc\["):
        highdim.Gaussian(named, mean=Column(mean, "ba"))
    with pytest.raises(ValueError, match="`covariance` must have rows and columns in one order"):
        highdim.Gaussian(Table(covariance[::-1], "ba", "ab"))
    with pytest.raises(ValueError, match="`covariance` and `mean` must have coordinates"):
        highdim.Gaussian(Column([2.0, 1.0], "ab"), mean=Column(mean, "ba"))
    for other in (mean, Column(mean, "ab"), Column(mean, range(2))):
        assert highdim.Gaussian(named, mean=other).mean.tolist() == mean


def test_inputs_in_another_order_than_the_coordinates_of_their_law_are_refused():
    """As df[["b", "a"]] beside df.cov(): clean errors were under the law of other coordinates."""
    X, y = [[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]], [1, -1, 1]
    laws = highdim.Gaussian(Table([[2.0, 0.5], [0.5, 1.0]], "ab", "ab"), mean=[5.0, 0.0])
    variances = highdim.Gaussian(Column([2.0, 1.0], "ab"))
    centred = highdim.Gaussian(1.0, mean=Column([5.0, 0.0], "ab"))
    for law in (laws, variances, centred):
        with pytest.raises(ValueError, match=r"`X` and `law` must have columns in one order, .*"):
            highdim.SphereSample.from_arrays(Table(X, range(3), "ba"), y, law=law)
        for inputs in (X, Table(X, range(3), "ab"), Table(X, range(3), "cd")):
            sample = highdim.SphereSample.from_arrays(inputs, y, law=law)
            assert sample.X.tolist() == X
            assert sample.law == law
    assert highdim.Gaussian([2.0, 1.0]).coordinates is None
