"""ONNX models: constants of every shape and making, held against the package's own evaluator."""

import warnings

import numpy as np
import pytest

import univariate as u
from univariate.common.reading.networks import read_network
from univariate.common.torch_layers import layers_in_words

PARTS = {"W": [[1.0], [2.0]], "b": [0.0, -1.0], "v": [[1.0, -3.0]], "c": [2.0]}


def put(folder, content):
    path = folder / "file"
    path.write_bytes(content)
    return path


def onnx_model(nodes, arrays):
    """A chain of nodes (kind, names of arrays, options) on an input x."""
    onnx = pytest.importorskip("onnx")
    current, made = "x", []
    for k, (kind, names, options) in enumerate(nodes):
        made.append(onnx.helper.make_node(kind, [current, *names], [f"t{k}"], **options))
        current = f"t{k}"
    return of_nodes(onnx, made, arrays, current)


def of_nodes(onnx, nodes, arrays, end, version=17):
    """A model on an input x of one column."""
    helper = onnx.helper
    fixed = [
        onnx.numpy_helper.from_array(
            array if isinstance(array, np.ndarray) else np.asarray(array, np.float32), name
        )
        for name, array in arrays.items()
    ]
    start, last = (
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 1])
        for name in ("x", end)
    )
    graph = helper.make_graph(nodes, "net", [start], [last], fixed)
    imports = [helper.make_opsetid("", version)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString()


def assert_computes_as_onnx(path):
    """Against the reference evaluator of the package onnx, one point at a time."""
    onnx = pytest.importorskip("onnx")
    reference = pytest.importorskip("onnx.reference").ReferenceEvaluator(onnx.load(path))
    net = u.load_network(path)
    for x in np.linspace(-2.0, 3.0, 21, dtype=np.float32):
        (found,) = reference.run(None, {"x": x.reshape(1, 1)})
        np.testing.assert_allclose(net([float(x)]), found.ravel(), rtol=1e-5, atol=1e-5)


SCALARS = {"none": 2.0, "one": [2.0], "a row": [[2.0]]}
OPERATIONS = ["Add", "Sub", "Mul", "Div"]


@pytest.mark.parametrize("shape", SCALARS)
@pytest.mark.parametrize("kind", OPERATIONS)
def test_onnx_operations_with_one_number_are_affine(tmp_path, shape, kind):
    """Before the first layer, before and after ReLU, and at the end."""
    gemm, last = ("Gemm", ["W", "b"], {"transB": 1}), ("Gemm", ["v"], {"transB": 1})
    relu, with_one = ("Relu", [], {}), (kind, ["k"], {})
    parts = PARTS | {"k": SCALARS[shape]}
    for place in range(4):
        nodes = [gemm, relu, last]
        nodes.insert(place, with_one)
        assert_computes_as_onnx(put(tmp_path, onnx_model(nodes, parts)))


@pytest.mark.parametrize("kind", OPERATIONS)
def test_onnx_operations_with_a_row_make_channels_of_one(tmp_path, kind):
    gemm, last = ("Gemm", ["W1"], {"transB": 1}), ("Gemm", ["v"], {"transB": 1})
    parts = PARTS | {"W1": [[1.5]], "row": [0.5, -2.0], "three": [1.0, 2.0, 3.0]}
    for before in ([gemm, ("Relu", [], {})], [gemm], []):
        nodes = [*before, (kind, ["row"], {}), ("Abs", [], {}), last]
        assert_computes_as_onnx(put(tmp_path, onnx_model(nodes, parts)))
    wrong = [("Gemm", ["W"], {"transB": 1}), (kind, ["three"], {}), last]
    with pytest.raises(ValueError, match=f"with a node {kind}, expected Gemm"):
        u.load_network(put(tmp_path, onnx_model(wrong, parts)))


def test_onnx_constants_may_come_first_and_signs_may_turn(tmp_path):
    onnx = pytest.importorskip("onnx")
    helper = onnx.helper
    nodes = [
        helper.make_node("Mul", ["two", "x"], ["t0"]),
        helper.make_node("Gemm", ["t0", "W", "b"], ["t1"], transB=1),
        helper.make_node("Sub", ["row", "t1"], ["t2"]),
        helper.make_node("Neg", ["t2"], ["t3"]),
        helper.make_node("Relu", ["t3"], ["t4"]),
        helper.make_node("Gemm", ["t4", "v"], ["t5"], transB=1),
    ]
    arrays = PARTS | {"two": 2.0, "row": [[0.25, -0.5]]}
    assert_computes_as_onnx(put(tmp_path, of_nodes(onnx, nodes, arrays, "t5")))
    divided = [helper.make_node("Div", ["two", "x"], ["t0"]), *nodes[1:]]
    with pytest.raises(ValueError, match="with a node Div, expected Gemm"):
        u.load_network(put(tmp_path, of_nodes(onnx, divided, arrays, "t5")))


def test_onnx_constants_are_folded(tmp_path):
    """Weights that are shared, transposed or cast, and numbers that are no tensors."""
    onnx = pytest.importorskip("onnx")
    node = onnx.helper.make_node
    nodes = [
        node("Identity", ["W"], ["shared"]),
        node("Transpose", ["shared"], ["turned"], perm=[1, 0]),
        node("MatMul", ["x", "turned"], ["t0"]),
        node("Constant", [], ["b"], value_floats=[0.5, -1.0]),
        node("Unsqueeze", ["b", "axes"], ["row"]),
        node("Add", ["t0", "row"], ["t1"]),
        node("Relu", ["t1"], ["t2"]),
        node("Cast", ["v"], ["single"], to=onnx.TensorProto.FLOAT),
        node("Squeeze", ["single"], ["flat"]),
        node("Reshape", ["flat", "shape"], ["column"]),
        node("MatMul", ["t2", "column"], ["t3"]),
        node("Constant", [], ["c"], value_float=0.1),
        node("Sub", ["t3", "c"], ["t4"]),
    ]
    arrays = {
        "W": [[1.0], [2.0]],
        "axes": np.array([0]),
        "v": np.array([[1.0, -3.1]]),
        "shape": np.array([-1, 1]),
    }
    path = put(tmp_path, of_nodes(onnx, nodes, arrays, "t4"))
    assert_computes_as_onnx(path)
    net = u.load_network(path)
    # cast to single precision, as the file says
    assert net.v[:2].tolist() == [1.0, float(np.float32(-3.1))]


@pytest.mark.parametrize("kind", ["Dropout", "BatchNormalization"])
def test_old_onnx_models_are_in_training_unless_they_say_otherwise(tmp_path, kind):
    """is_test was 0 before version 7 of the operators; then further outputs said so."""
    onnx = pytest.importorskip("onnx")
    node = onnx.helper.make_node
    given = ["t0"] + ["one"] * 4 * (kind == "BatchNormalization")

    def model(found, version, **options):
        nodes = [
            node("Gemm", ["x", "W", "b"], ["t0"], transB=1),
            node(kind, given, found, **options),
            node("Gemm", ["t1", "v", "c"], ["t2"], transB=1),
        ]
        return put(tmp_path, of_nodes(onnx, nodes, PARTS | {"one": [1.0, 1.0]}, "t2", version))

    for path in (model(["t1"], 6), model(["t1"], 6, is_test=0)):
        with pytest.raises(ValueError, match=f"node {kind} in training mode"):
            u.load_network(path)
    for path in (model(["t1"], 6, is_test=1), model(["t1"], 9)):
        assert len(u.load_network(path).layers) == 1
    if kind == "BatchNormalization":
        with pytest.raises(ValueError, match=f"node {kind} in training mode"):
            u.load_network(model(["t1", "m", "v2", "sm", "sv"], 9))


def test_limits_of_clip_are_single_numbers(tmp_path):
    """Some writers give them an axis."""
    onnx = pytest.importorskip("onnx")
    node = onnx.helper.make_node
    nodes = [node("Gemm", ["x", "W"], ["t0"], transB=1), node("Clip", ["t0", "low"], ["t1"])]
    nodes.append(node("Gemm", ["t1", "v"], ["t2"], transB=1))
    path = put(tmp_path, of_nodes(onnx, nodes, {**PARTS, "low": [0.0]}, "t2"))
    assert u.load_network(path).v.tolist() == [1.0, -3.0]
    path = put(tmp_path, of_nodes(onnx, nodes, {**PARTS, "low": [0.0, 0.5]}, "t2"))
    with pytest.raises(ValueError, match="file' is an ONNX model with a node Clip"):
        u.load_network(path)


@pytest.mark.parametrize("shape", [[-1, 1], [-1], [1, -1], [-1, 2]])
def test_shapes_that_are_there_already_change_nothing(tmp_path, shape):
    """As x.view(-1, 1) writes them, and at the end .view(-1)."""
    arrays = {**PARTS, "s": np.array(shape), "column": np.array([-1, 1])}
    nodes = [("Reshape", ["column"], {}), ("Gemm", ["W", "b"], {"transB": 1}), ("Relu", [], {})]
    nodes += [("Gemm", ["v"], {"transB": 1}), ("Reshape", ["s"], {})]
    path = put(tmp_path, onnx_model(nodes, arrays))
    if shape in ([-1, 1], [-1]):
        assert_computes_as_onnx(path)
    else:
        with pytest.raises(ValueError, match="file' is an ONNX model with a node Reshape"):
            u.load_network(path)
    path = put(tmp_path, onnx_model([("Reshape", ["s"], {}), *nodes[1:4]], arrays))
    if shape == [-1, 1]:
        assert_computes_as_onnx(path)
    else:
        with pytest.raises(ValueError, match="file' is an ONNX model with a node Reshape"):
            u.load_network(path)


def test_constants_that_are_computed_are_said_to_be(tmp_path):
    onnx = pytest.importorskip("onnx")
    node = onnx.helper.make_node
    nodes = [node("Mul", ["W", "c"], ["t0"]), node("Gemm", ["x", "t0"], ["t1"], transB=1)]
    path = put(tmp_path, of_nodes(onnx, nodes, PARTS, "t1"))
    with pytest.raises(ValueError, match=r"a node Mul that computes constants; fold them"):
        u.load_network(path)


def test_scalings_in_notes_are_not_passed_over(tmp_path):
    """Somebody scales inputs before they come to the model."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load_model_from_string(onnx_model([("Gemm", ["c2"], {})], {"c2": [[2.0]]}))
    onnx.helper.set_model_props(model, {"author": "a", "step": "3"})
    assert u.load_network(put(tmp_path, model.SerializeToString()))([1.0]).tolist() == [2.0]
    onnx.helper.set_model_props(model, {"x_mean": "0.5"})
    with pytest.raises(ValueError, match="file' holds numbers 'x_mean' beside the network"):
        u.load_network(put(tmp_path, model.SerializeToString()))


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ({"preprocessing": "(x-0.5)/0.29"}, "'preprocessing' = '(x-0.5)/0.29'"),
        ({"label_map": "0=+1"}, "'label_map' = '0=+1'"),
        ({"output": "sigmoid applied later"}, "'output' = 'sigmoid applied later'"),
        ({"doc_string": "inputs are divided by 10"}, "'doc_string' = 'inputs are divided by 10'"),
        ({"author": "a", "version": "3", "seed": "0", "activation": "relu"}, None),
        ({"pkg.torch.onnx.name": "x", "doc_string": "converted from saved/model"}, None),
    ],
)
def test_notes_warn_as_those_of_other_files_do(tmp_path, notes, said):
    onnx = pytest.importorskip("onnx")
    model = onnx.load_model_from_string(onnx_model([("Gemm", ["c2"], {})], {"c2": [[2.0]]}))
    model.doc_string = notes.get("doc_string", "")
    onnx.helper.set_model_props(model, {n: one for n, one in notes.items() if n != "doc_string"})
    path = put(tmp_path, model.SerializeToString())
    raw = read_network(path)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        assert u.load_network(path)([1.0]).tolist() == [2.0]
    assert len(found) == len(list(filter(None, [raw.complaint()]))) == (said is not None)
    if said is not None:
        text = str(found[0].message)
        assert f"has {said} beside its network, not taken into account; nothing is assumed" in text
        assert f"passed over beside them: {next(iter(notes))}" in layers_in_words(raw, 1)


def test_limits_of_doubles_are_limits(tmp_path):
    onnx = pytest.importorskip("onnx")
    node = onnx.helper.make_node
    nodes = [node("Clip", ["x", "", "high"], ["t0"]), node("Gemm", ["t0", "W"], ["t1"], transB=1)]
    arrays = {"W": [[2.0]], "high": np.array(3.5e38)}
    with pytest.raises(ValueError, match=r"a node Clip \(clamp\) to \[-inf, 3\.5e\+38\]"):
        u.load_network(put(tmp_path, of_nodes(onnx, nodes, arrays, "t1")))


@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript-based:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
@pytest.mark.parametrize("name", ["shared", "unfolded", "scaled"])
def test_onnx_models_of_torch_are_read(tmp_path, name):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    pytest.importorskip("onnx")
    torch.manual_seed(0)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.m, self.b = nn.Linear(1, 4), nn.Linear(4, 4), nn.Linear(4, 1)
            self.c = nn.Linear(4, 4)
            self.c.weight = self.m.weight

        def forward(self, x):
            if name == "scaled":
                return self.b((self.a(2.0 * x - 1.0) / 3.0).relu()) * 2.0 + 0.5
            return self.b(self.c(self.m(self.a(x).relu()).relu()).relu())

    module, path = Net(), str(tmp_path / "net.onnx")
    options = {"do_constant_folding": name != "unfolded", "dynamo": False}
    names = {"input_names": ["x"], "dynamic_axes": {"x": {0: "k"}}}
    torch.onnx.export(module, (torch.zeros(3, 1),), path, **options, **names)
    net, x = u.load_network(path), np.linspace(-2.0, 3.0, 50)
    with torch.no_grad():
        wanted = module.double()(torch.tensor(x)[:, None]).numpy().ravel()
    np.testing.assert_allclose(net(x), wanted, rtol=1e-12, atol=1e-12)


def put_apart(folder, seed):
    """A model whose numbers are in a file beside it, of a name that all such have."""
    onnx = pytest.importorskip("onnx")
    rng = np.random.default_rng(seed)
    shapes = {"W": (1, 5), "b": (5,), "V": (5, 1)}
    arrays = {name: rng.normal(size=shape).astype("f4") for name, shape in shapes.items()}
    nodes = [("MatMul", ["W"], {}), ("Add", ["b"], {}), ("Relu", [], {}), ("MatMul", ["V"], {})]
    model = onnx.load_model_from_string(onnx_model(nodes, arrays))
    folder.mkdir()
    where = {"save_as_external_data": True, "location": "net.onnx.data", "size_threshold": 0}
    onnx.save(model, folder / "net.onnx", **where)
    return folder / "net.onnx"


def test_numbers_in_a_file_of_their_own_are_those_beside_the_model(tmp_path, monkeypatch):
    here, there = put_apart(tmp_path / "here", 0), put_apart(tmp_path / "there", 1)
    monkeypatch.chdir(here.parent)
    for path in (here, there, "net.onnx", "../there/net.onnx"):
        assert_computes_as_onnx(path)
    assert u.load_network("net.onnx").fingerprint != u.load_network(there).fingerprint


def test_a_model_without_the_file_of_its_numbers_says_what_lacks(tmp_path, monkeypatch):
    here, there = put_apart(tmp_path / "here", 0), put_apart(tmp_path / "there", 1)
    monkeypatch.chdir(here.parent)
    there.with_name("net.onnx.data").unlink()
    with pytest.raises(ValueError, match=r"file of their own, which must lie beside it"):
        u.load_network(there)
