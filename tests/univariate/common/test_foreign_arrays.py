"""Tensors and tables of other packages: taken exactly, or refused by the name of the argument."""

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common import check


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


HALVES = [0.5, 0.25, -0.75]
KINDS = ["half", "bfloat16", "float", "double"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gradient", [False, True])
def test_tensors_are_lifted_exactly(torch, kind, gradient):
    tensor = getattr(torch.tensor([0.1, 0.3, -7.7]), kind)().requires_grad_(gradient)
    found = check.real_array("x", tensor)
    assert found.tolist() == [float(entry) for entry in tensor.detach()]


def test_tensors_of_every_other_dense_kind(torch):
    halves = torch.tensor(HALVES)
    assert check.real_array("x", halves.to(torch.float8_e4m3fn)).tolist() == HALVES
    assert check.real_array("x", [torch.tensor(0.5), 0.25]).tolist() == [0.5, 0.25]
    negated = torch.view_as_complex(torch.ones(2, 2)).conj().imag
    assert check.real_array("x", negated).tolist() == [-1.0, -1.0]
    with pytest.raises(ValueError, match="integers that float64 cannot hold exactly"):
        check.real_array("x", torch.tensor([2**53 + 1]))


def hostile(torch):
    halves = torch.tensor(HALVES)
    return {
        "on the device meta": torch.empty(3, device="meta"),
        "must not be quantised": torch.quantize_per_tensor(halves, 0.1, 0, torch.qint8),
        "got a sparse one; pass x.to_dense()": halves.to_sparse(),
        "got dtype complex64": halves + 1j,
    }


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("what", [0, 1, 2, 3])
def test_other_tensors_are_refused_wherever_arrays_come_in(torch, what):
    message, tensor = list(hostile(torch).items())[what]
    ones = [1.0, 1.0, 1.0]
    calls = {
        "x": lambda: u.Sample.from_arrays(tensor, ones),
        "y": lambda: u.Sample.from_arrays([0.0, 1.0, 2.0], tensor),
        "v": lambda: u.ReluNet(tensor, ones, ones),
        "X": lambda: highdim.SphereSample.from_arrays(tensor, ones),
        "W": lambda: highdim.TwoLayerNet(ones, tensor),
        "0.weight": lambda: u.ReluNet.from_torch({"0.weight": tensor}),
    }
    for name, call in calls.items():
        with pytest.raises((TypeError, ValueError)) as caught:
            call()
        text = str(caught.value)
        assert text.startswith(f"`{name}` must"), text
        assert message.replace("x.", f"{name}.") in text
        assert "\n" not in text
    net = u.ReluNet(ones, ones, ones)
    with pytest.raises((TypeError, ValueError), match="`x` must"):
        net(tensor)
    with pytest.raises((TypeError, ValueError), match="`x` must"):
        u.spline(net)(tensor)


def test_tensors_are_no_scalars(torch):
    for bad in (torch.tensor([0.1, 0.2]), torch.empty((), device="meta")):
        with pytest.raises(TypeError, match="`p` must be a real number, got tensor"):
            u.draw_sample(5, bad, rng=0)
        with pytest.raises(TypeError, match="`m` must be an integer, got tensor"):
            u.draw_sample(bad, 0.1, rng=0)
    assert u.draw_sample(torch.tensor(5), torch.tensor(0.5), rng=0).size == 5


class Frame:
    """What a table of pandas or polars offers."""

    def __init__(self, **columns):
        self.columns = list(columns)
        self._columns = list(columns.values())

    def to_numpy(self):
        return np.array(list(zip(*self._columns, strict=True)), dtype=object)


def test_tables_are_recognised_by_what_they_offer():
    frame = Frame(a=[0.5, 0.25], b=[1, 1.0])
    sample = highdim.SphereSample.from_arrays(frame, [1, -1])
    assert sample.X.tolist() == [[0.5, 1.0], [0.25, 1.0]]
    for entry in ("two", True):
        text = f"`X` must hold numbers, got column 'b' with {entry!r}; drop"
        with pytest.raises(TypeError, match=text):
            highdim.SphereSample.from_arrays(Frame(a=[0.5, 0.25], b=[1, entry]), [1, -1])


def test_tables_of_pandas():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": [0.5, 0.25], "y": [1, -1], "name": ["a", "b"]})
    sample = u.Sample.from_arrays(frame[["x"]], frame["y"])
    assert (sample.x.tolist(), sample.y.tolist()) == ([0.25, 0.5], [-1.0, 1.0])
    with pytest.raises(ValueError, match="`x` must be finite"):
        u.Sample.from_arrays(pandas.Series([1, None], dtype="Int64"), frame["y"])


def test_sparse_matrices_of_scipy_are_refused():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"`X` must be dense, got a sparse .*; pass X\.toarray\(\)"):
        highdim.SphereSample.from_arrays(sparse.eye(2).tocsr(), [1, -1])


def test_columns_stand_for_vectors():
    sample = u.Sample.from_arrays([[0.5], [0.25]], [[1], [-1]])
    assert (sample.x.tolist(), sample.y.tolist()) == ([0.25, 0.5], [-1.0, 1.0])
    assert highdim.SphereSample.from_arrays([0.5, 0.25], [1, -1]).X.shape == (2, 1)


def test_the_layout_in_memory_changes_no_bit():
    """Columns of tables lie one after the other; sums of products would round otherwise."""
    rows = np.random.default_rng(0).standard_normal((5, 7))
    assert check.real_array("X", np.asfortranarray(rows)).flags.c_contiguous


class Labelled(Frame):
    """A table of columns with names, as those of pandas and polars."""

    def __getitem__(self, name):
        return Named(name, self._columns[self.columns.index(name)])


class Named:
    """A column with its name."""

    def __init__(self, name, values):
        self.name = name
        self.values = values

    def to_numpy(self):
        return np.asarray(self.values)


def test_a_table_of_inputs_must_not_hold_the_labels():
    """As df beside df.y: the labels were a coordinate."""
    table = Labelled(a=[0.5, 0.25, 0.0], y=[1, -1, 1])
    for make in (highdim.SphereSample, highdim.SphereSample.from_arrays):
        with pytest.raises(ValueError, match="got the labels as its column 'y'; drop that"):
            make(table, Named("y", [1, -1, 1]))
    text = Labelled(a=[0.5, 0.25], y=["u", "v"]), Named("y", ["u", "v"])
    with pytest.raises(ValueError, match="got the labels as its column 'y'"):
        highdim.SphereSample.from_arrays(*text, label_map={"u": 1, "v": -1})
    # another column of that name, labels of no name, of another one
    others = Named("y", [-1, -1, 1]), [1, -1, 1], Named("z", [1, -1, 1]), Named(None, [1, 1, 1])
    for labels in others:
        assert highdim.SphereSample.from_arrays(table, labels).dimension == 2


def test_columns_of_other_packages_are_compared_as_arrays():
    """As those of astropy and Dask, which have no to_numpy: an AttributeError came from within."""

    class Column(list):
        name = "y"

    class Table(list):
        columns = ("a", "y")

        def __getitem__(self, name):
            return Column(row[self.columns.index(name)] for row in self)

    table = Table([[0.5, 1.0], [0.25, -1.0]])
    with pytest.raises(ValueError, match="got the labels as its column 'y'; drop that"):
        highdim.SphereSample.from_arrays(table, table["y"])


def test_tables_of_pandas_and_polars_with_their_labels_are_refused():
    for package in ("pandas", "polars"):
        frame = pytest.importorskip(package).DataFrame({"a": [0.5, 0.25], "y": [1, -1]})
        with pytest.raises(ValueError, match="got the labels as its column 'y'"):
            highdim.SphereSample.from_arrays(frame, frame["y"])
        assert highdim.SphereSample.from_arrays(frame[["a"]], frame["y"]).dimension == 1
