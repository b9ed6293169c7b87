"""Files are told by content, read without executing anything, and refused with what they are."""

import bz2
import csv
import gzip
import io
import json
import pickle
import re
import warnings
import zipfile

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common import files
from univariate.common.reading import contents
from univariate.common.reading.networks import read_network
from univariate.common.torch_layers import layers_in_words

X, Y = [0.25, 0.5], [-1.0, 1.0]
LAYERS = {"0.weight": [[1.0], [2.0]], "0.bias": [0.0, -1.0], "2.weight": [[1.0, -3.0]]}


def put(folder, content, name="file"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def saved(write, *args, **kwargs):
    stream = io.BytesIO()
    write(stream, *args, **kwargs)
    return stream.getvalue()


def safetensors(tensors, dtype="F64"):
    """The published layout, written by hand."""
    header, data = {}, b""
    for name, values in tensors.items():
        array = np.asarray(values, dtype="<f8" if dtype == "F64" else "<f4")
        raw = array.tobytes()
        if dtype == "BF16":
            raw = (array.view("<u4") >> 16).astype("<u2").tobytes()
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


# Tables


TABLES = {
    "commas": "x,y\n0.5,1\n0.25,-1\n",
    "semicolons": "x;y\n0.5;1\n0.25;-1\n",
    "decimal commas": "x;y\n0,5;1\n0,25;-1\n",
    "tabs": "x\ty\n0.5\t1\n0.25\t-1\n",
    "tabs and decimal commas": "0,5\t1\n0,25\t-1\n",
    "spaces": "0.5   1\n 0.25 -1 \n",
    "bars": "x|y\n0.5|1\n0.25|-1\n",
    "byte order mark": "\ufeffx,y\n0.5,1\n0.25,-1\n",
    "UTF-16": "x\ty\n0.5\t1\n0.25\t-1\n".encode("utf-16"),
    "label first": "y,x\n1,0.5\n-1,0.25\n",
    "other names": "Label;Feature\n1;0.5\n-1;0.25\n",
    "index without a name": ",x,y\n0,0.5,1\n1,0.25,-1\n",
    "index of R": '"x" "y"\n"1" 0.5 1\n"2" 0.25 -1\n',
    "index with a name": "id,target,x\n17,1,0.5\n3,-1,0.25\n",
    "comments": "# made elsewhere\n# x,y\n0.5,1\n# in between\n0.25,-1\n",
    "names of savetxt": "# y x\n1 0.5\n-1 0.25\n",
    "blank last rows": "x,y\n0.5,1\n0.25,-1\n,\n\n;;\n",
    "separators at the end": "x,y,\n0.5,1,\n0.25,-1,\n",
    "a minus of typographers": "x,y\n0.5,1\n0.25,−1\n",
    "names that are numbers": "0,y\n0.5,1\n0.25,-1\n",
    "quoted decimal commas": '"0,5","1"\n"0,25","-1"\n',
    "a comment in words": "# my data\n0.5 1\n0.25 -1\n",
    "records": '[{"x": 0.5, "y": 1}, {"y": -1, "x": 0.25}]',
    "lists": "[[0.5, 1], [0.25, -1]]",
    "lines of records": '{"x": 0.5, "y": 1}\n{"x": 0.25, "y": -1}\n\n',
    "object": '{"x": [0.5, 0.25], "y": [1, -1]}',
    "compressed": gzip.compress(b"x,y\n0.5,1\n0.25,-1\n"),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("ending", [".csv", ".tsv", ".txt", ".json", ".csv.gz", ".pt", ""])
def test_tables_are_read_whatever_their_dialect_and_ending(tmp_path, kind, ending):
    path = put(tmp_path, TABLES[kind], f"data{ending}")
    sample = u.Sample.load(path)
    assert (sample.x.tolist(), sample.y.tolist()) == (X, Y)
    sphere = highdim.SphereSample.load(path)
    assert sorted(zip(sphere.X[:, 0].tolist(), sphere.y.tolist(), strict=True)) == [
        (0.25, -1.0),
        (0.5, 1.0),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,1\n0.5,1\n0.75,-1\n", "line 1: '0,1' may be data or names of columns"),
        ("1,234;1\n2,500;-1\n", "line 1: the comma in '1,234' may be a decimal sign or separate"),
        ("1,0.5\n-1,0.25\n", r"labels \+1 and -1 seem to come first"),
        (
            "# a9a\n+1 1:0.5\n-1 1:0.25 3:1 # late\n",
            r"line 2: .*'\+1 1:0.5', as of LIBSVM; read it",
        ),
        ("1 3:1e-3 14:-1.5\n0 2:1\n", r"pass X\.toarray\(\) and y to from_arrays"),
        ("x,z,y\n1,2,1\n", "must have one input for each observation, got 2"),
        ("x,label,y\n1,1,1\n", "one column of labels, .* got several that may be it"),
        ("a,b\n1,1\n", r"one column of labels, .* got none among 'a, b'; .* \(--columns x,y\)"),
        ("x,y\n0,5,1\n", "line 2: expected 2 numbers as in the lines before, got 3"),
        ("0.5;1\n0,6;1\n", "one column of labels|expected finite numbers"),
        ("1_0,1\n2,1\n", "line 1: expected finite numbers, got '1_0'|one column of labels"),
        ("x,y\ninf,1\n", "line 2: expected finite numbers, got 'inf'|no data"),
        ("y\n1\n", "at least two columns|expected numbers"),
        ('{"x": [0.5], "X": [0.5], "y": [1]}', "got several of them, x, X"),
        ('{"x": [0.5]}', "must hold inputs x and labels y, got x"),
        ('{"x": [0.5', "is not readable JSON"),
        ('{"x": [0.5], "x": [1], "y": [1]}', "is not readable JSON .the key 'x' occurs twice"),
        ('{"x": 1}\n{"x"', "line 2: expected one JSON record"),
        ('{"x": {"0": 1}, "y": {"0": 1}}', "must hold x and y as lists of numbers, got objects"),
        ('[{"x": 1}, [2]]', "record 2: expected a list of numbers, or an object"),
        ("[[1, 1], [2]]", "record 2: expected 2 entries as in the first, got 1"),
        ("[[1, [1]]]", "record 1: expected numbers or text"),
        ("[]", "holds no data; write a record"),
    ],
)
def test_what_has_two_readings_or_none_is_asked_for(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as caught:
        u.Sample.load(put(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_columns_of_several_dimensions(tmp_path):
    with pytest.warns(UserWarning, match="another order than their numbers, x0, x1, in which"):
        found = highdim.SphereSample.load(put(tmp_path, "y,x1,id,x0\n1,5,7,0\n-1,6,9,2\n"))
    assert found.X.tolist() == [[0.0, 5.0], [2.0, 6.0]]
    found = highdim.SphereSample.load(
        put(tmp_path, "height,class,mass\n1,a,0\n2,b,2\n"), label_map={"a": 1, "b": -1}
    )
    assert (found.X.tolist(), found.y.tolist()) == ([[1.0, 0.0], [2.0, 2.0]], [1.0, -1.0])
    with pytest.raises(ValueError, match=r"label_map=\{'a': -1, 'b': 1\} or \{'a': 1, 'b': -1\}"):
        highdim.SphereSample.load(put(tmp_path, "height,class\n1,a\n2,b\n"))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("item,x,y\n#3,0.5,1\nfoo,0.25,-1\n", "#3"),
        ("item,x,y\nfoo,0.5,1\n#ff0000,0.25,-1\n", "#ff0000"),
        ('item;x;y\nfoo;0,5;1\n"#3";0,25;-1\n', "#3"),
        ("# by me\nitem\tdate\tx\ty\n%CPU\t2024-01-01\t0.5\t1\nfoo\t2024-01-02\t1\t-1\n", "%CPU"),
        ("note\titem\tx\ty\nNA\tfoo\t0.5\t1\n\t#3\t0.25\t1\n\tbar\t2\t1\n", "#3"),
    ],
    ids=["first", "last", "quoted", "percent", "after an empty cell"],
)
def test_data_that_begin_as_comments_do_are_not_passed_over(tmp_path, text, cell):
    message = f"{cell!r} may begin a comment or be data, with numbers as in the other lines; remove"
    with pytest.raises(ValueError, match=re.escape(message)):
        u.Sample.load(put(tmp_path, text), columns=("x", "y"))


def test_texts_of_r_may_be_empty(tmp_path):
    """Between spaces, in quotation marks, as write.table writes them."""
    text = '"x" "note" "y"\n"1" 0.5 "" 1\n"2"   0.25 "a b"   -1 \n"3" 2 "" -1\n'
    found = u.Sample.load(put(tmp_path, text), columns=("x", "y"))
    assert (found.x.tolist(), found.y.tolist()) == ([0.25, 0.5, 2.0], [-1.0, 1.0, -1.0])
    text = '"" "x" "y" "note"\n"1" 0.5 1 ""\n"2" 0.25 -1 "a"\n'
    found = u.Sample.load(put(tmp_path, text), columns=("x", "y"))
    assert found.x.tolist() == [0.25, 0.5]
    with pytest.raises(ValueError, match="line 2: expected a label, got ''"):
        u.Sample.load(put(tmp_path, '"x" "y"\n0.5 ""\n0.25 "1"\n'))


def test_comments_among_data_are_passed_over(tmp_path):
    for comment in ("# by me, 2024, twice", "#foo,0.5,1", "# 1, 2", "#,,", "# foo,,", '# "a'):
        text = f"item,x,y\nfoo,0.5,1\n{comment}\nbar,0.25,-1\n"
        assert u.Sample.load(put(tmp_path, text), columns=("x", "y")).x.tolist() == [0.25, 0.5]
    # where all first cells are numbers, one that begins with # is none
    found = u.Sample.load(put(tmp_path, "x,y\n0.5,1\n#3,1\n# 0.125,-1\n0.25,-1\n"))
    assert found.x.tolist() == [0.25, 0.5]


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "Unnamed: 0.1", "id", "index"])
@pytest.mark.parametrize("numbers", [("0.0", "1.0", "2.0"), ("7.0", "3.0", "12.0"), (0, 1, 2)])
def test_names_of_rows_may_be_floats(tmp_path, name, numbers):
    """Pandas writes an index so that was a column with gaps."""
    rows = [f"{one},{one}5,-1.5,1\n" for one in numbers]
    text = f"{name},x0,x1,y\n{''.join(rows)}"
    found = highdim.SphereSample.load(put(tmp_path, text))
    assert found.X.tolist() == [[float(f"{one}5"), -1.5] for one in numbers]


def test_a_column_without_a_name_is_no_input_among_others(tmp_path):
    for name in ("", "Unnamed: 0"):
        text = f"{name},x0,x1,y\n0.5,1,2,1\n0.75,3,4,-1\n"
        with pytest.raises(ValueError, match=f"the column {name!r} may be an input, or names of"):
            highdim.SphereSample.load(put(tmp_path, text))
    # by its name it may be one; and the index of a series is the only input
    found = highdim.SphereSample.load(put(tmp_path, "index,x1,y\n1.52,1,1\n1.74,3,-1\n"))
    assert found.X.tolist() == [[1.52, 1.0], [1.74, 3.0]]
    found = u.Sample.load(put(tmp_path, ",y\n0.0,1\n1.0,-1\n"))
    assert found.x.tolist() == [0.0, 1.0]


def test_large_tables_keep_every_digit(tmp_path):
    sample = u.draw_sample(3000, 0.3, rng=0)
    sample.save(tmp_path / "data.csv")
    again = u.Sample.load(tmp_path / "data.csv")
    assert np.array_equal(again.x, sample.x)
    german = (tmp_path / "data.csv").read_text().replace(",", ";").replace(".", ",")
    assert np.array_equal(u.Sample.load(put(tmp_path, german)).x, sample.x)


# Arrays


def test_samples_of_arrays(tmp_path):
    pairs = np.array([[0.5, 1.0], [0.25, -1.0]])
    fields = np.array([(1, 0.5), (-1, 0.25)], dtype=[("y", "i4"), ("x", "f8")])
    contents = [
        saved(np.save, pairs),
        saved(np.save, fields),
        saved(np.savez, X=pairs[:, :1], y=pairs[:, 1:], index=[5, 3]),
        saved(np.savez_compressed, x=pairs[:, 0], label=pairs[:, 1]),
        safetensors({"x": [0.5, 0.25], "y": [1.0, -1.0]}),
        safetensors({"x": [0.5, 0.25], "y": [1.0, -1.0]}, "BF16"),
    ]
    for content in contents:
        sample = u.Sample.load(put(tmp_path, content))
        assert (sample.x.tolist(), sample.y.tolist()) == (X, Y)
    torch = pytest.importorskip("torch")
    content = saved(
        lambda s: torch.save({"X": torch.tensor([0.5, 0.25]), "y": torch.tensor([1, -1])}, s)
    )
    assert u.Sample.load(put(tmp_path, content)).x.tolist() == X


NETS = {
    "savez": lambda: saved(np.savez, v=[1.0, -3.0], w=[1.0, 2.0], b=[0.0, -1.0]),
    "savez of columns": lambda: saved(np.savez, v=[[1.0, -3.0]], w=[[1.0], [2.0]], b=[0.0, -1.0]),
    "savez of layers": lambda: saved(np.savez, **LAYERS),
    "JSON": lambda: json.dumps({"v": [1.0, -3.0], "w": [1.0, 2.0], "b": [0.0, -1.0]}).encode(),
    "JSON of layers": lambda: json.dumps(LAYERS).encode(),
    "safetensors": lambda: safetensors(LAYERS),
    "half safetensors": lambda: safetensors(LAYERS, "BF16"),
    "compressed": lambda: gzip.compress(json.dumps(LAYERS).encode()),
}


@pytest.mark.parametrize("kind", NETS)
@pytest.mark.parametrize("name", ["net.npz", "net.bin", "net.safetensors", "net.pth.tar", "net"])
def test_networks_are_read_whatever_their_ending(tmp_path, kind, name):
    net = u.load_network(put(tmp_path, NETS[kind](), name))
    assert (net.v.tolist(), net.w.tolist(), net.b.tolist()) == ([1, -3], [1, 2], [0, -1])


def test_networks_in_several_dimensions(tmp_path):
    two = {"v": [1.0, -3.0], "W": [[1.0, 2.0], [3.0, 4.0]], "b": [0.0, 1.0]}
    net = highdim.load_network(put(tmp_path, saved(np.savez, **two)))
    assert (net.v.tolist(), net.W.tolist(), net.b.tolist()) == tuple(two.values())
    assert highdim.load_network(put(tmp_path, saved(np.savez, v=two["v"], w=two["W"]))).b is None
    three = {"v": [1.0], "W2": [[1.0, 2.0]], "W1": [[1.0], [2.0]], "b1": [1.0, 1.0]}
    found = highdim.load_network(put(tmp_path, saved(np.savez, **three)))
    assert (found.depth, found.b2) == (3, None)
    with pytest.raises(ValueError, match=r"lacks the arrays W2; save it with numpy\.savez"):
        highdim.load_network(put(tmp_path, saved(np.savez, v=[1.0], W1=[[1.0]])))


def test_safetensors_as_the_library_writes_them(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file({k: np.asarray(v) for k, v in LAYERS.items()}, tmp_path / "net.safetensors")
    assert u.load_network(tmp_path / "net.safetensors").v.tolist() == [1.0, -3.0]


def test_layers_of_one_shape_need_an_order(tmp_path):
    """safetensors keep none: numbers tell it, and where they do not the file is refused."""
    first, square, last = [[1.0], [1.0]], [[1.0, 0.0], [0.0, 2.0]], [[1.0, 1.0]]
    other = [[0.0, 1.0], [1.0, 0.0]]
    numbered = {"l.10.weight": other, "l.4.weight": square, "l.2.weight": first, "z.weight": last}
    net = u.load_network(put(tmp_path, safetensors(numbered)))
    assert [weight.tolist() for weight, _ in net.layers] == [first, square, other, last]
    named = {"in.weight": first, "up.weight": square, "then.weight": other, "z.weight": last}
    with pytest.raises(ValueError, match=r"must have layers in a known order, .* number them"):
        u.load_network(put(tmp_path, safetensors(named)))
    # numbers that do not begin at the first layer may count down, as those of decoders do
    decoder = {"in.weight": first, "up1.weight": other, "up2.weight": square, "out.weight": last}
    with pytest.raises(ValueError, match=r"must have layers in a known order, .* number them"):
        u.load_network(put(tmp_path, safetensors(decoder)))
    # in order of their names, as of sorted JSON, or declared against their numbers
    swapped = {"l.10.weight": other, "l.2.weight": square, "z.weight": last}
    with pytest.raises(ValueError, match=r"must have layers in a known order, .* number them"):
        u.load_network(put(tmp_path, json.dumps({"a.weight": first, **swapped})))
    assert len(u.ReluNet.from_torch(named).layers) == 4
    many = {f"l.{k}.weight": square for k in (0, 10, 12, 14, 2, 4, 6, 8)}
    many |= {"l.0.weight": first, "l.14.weight": last}
    net = u.load_network(put(tmp_path, safetensors(many)))
    assert net.widths == (2,) * 7
    with pytest.raises(ValueError, match="must have layers that fit together"):
        u.load_network(put(tmp_path, safetensors({**many, "a.weight": square})))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            saved(np.savez, v=[1.0], w=[1.0], b=[0.0], c=[1.0]),
            "alone, got c besides; an output bias",
        ),
        (saved(np.savez, v=[1.0], w=[1.0]), "lacks the arrays b"),
        (saved(np.savez, x=[1.0], y=[1.0]), "must hold only weights and biases .*, got entry 'x'"),
        (saved(np.save, [1.0]), "is no network: it holds one array"),
        (b"x,y\n1,1\n", "is no network, it is text; is it the data"),
        (b"[[1, 1]]", "is no network: it is a list of records"),
        (b"[[[[1]], [0]], [[[1]]]]", "record 1: .*; a network is an object, with its layers under"),
        (b'[{"weight": [[1]], "bias": [0]}]', "a network is an object, with its layers under"),
        (b'{"net": {"v": [1], "w": [1], "b": [0]}}', "got entry 'net'; .* file, save that alone"),
        (b"{}", "is no network: it holds nothing"),
    ],
)
def test_files_that_are_no_networks_say_what_they_are(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        u.load_network(put(tmp_path, content))


# ONNX


def onnx_model(nodes, arrays):
    """A chain of nodes (kind, names of arrays, options) on an input x."""
    onnx = pytest.importorskip("onnx")
    helper, current, made = onnx.helper, "x", []
    for k, (kind, names, options) in enumerate(nodes):
        made.append(helper.make_node(kind, [current, *names], [f"t{k}"], **options))
        current = f"t{k}"
    fixed = [
        onnx.numpy_helper.from_array(np.asarray(array, np.float32), name)
        for name, array in arrays.items()
    ]
    ends = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, 1])
        for name in ("x", current)
    ]
    graph = helper.make_graph(made, "net", ends[:1], ends[1:], fixed)
    return helper.make_model(graph).SerializeToString()


PARTS = {"W": [[1.0], [2.0]], "b": [0.0, -1.0], "v": [[1.0, -3.0]], "s": [0.5], "c": [2.0]}


def test_onnx_models_say_what_is_between_their_layers(tmp_path):
    gemm = ("Gemm", ["W", "b"], {"transB": 1})
    last = ("Gemm", ["v"], {"transB": 1})
    net = u.load_network(put(tmp_path, onnx_model([gemm, ("Relu", [], {}), last], PARTS)))
    assert (net.v.tolist(), net.w.tolist(), net.b.tolist()) == ([1, -3], [1, 2], [0, -1])
    leaky = [gemm, ("LeakyRelu", [], {"alpha": 0.25}), last]
    net = u.load_network(put(tmp_path, onnx_model(leaky, PARTS)))
    assert (net.v.tolist(), net.w.tolist()) == ([1, -3, -0.25, 0.75], [1, 2, -1, -2])
    scaled = [("Sub", ["s"], {}), ("Div", ["c"], {}), gemm, ("Abs", [], {}), last]
    net = u.load_network(put(tmp_path, onnx_model([*scaled, ("Add", ["s"], {})], PARTS)))
    assert net.w.tolist() == [0.5, 1, -0.5, -1, 0]
    assert net.b.tolist() == [-0.25, -1.5, 0.25, 1.5, 1.0]
    assert net.v.tolist() == [1, -3, 1, -3, 0.5]
    raw = read_network(tmp_path / "file")
    words = layers_in_words(raw, 4)
    assert words.endswith("ReLU as the file says between them")
    assert "in pairs (4×1) → " in words
    assert "the output bias is one more neuron" in layers_in_words(raw, net.width)
    with pytest.raises(ValueError, match=r"`key` must be left out, .* holds one net"):
        read_network(tmp_path / "file", "ema")


def test_onnx_models_that_are_no_chains_of_these_are_refused(tmp_path):
    gemm = ("Gemm", ["W", "b"], {"transB": 1})
    model = onnx_model([gemm, ("Tanh", [], {}), ("Gemm", ["v"], {"transB": 1})], PARTS)
    with pytest.raises(ValueError, match="is an ONNX model with a node Tanh, expected Gemm"):
        u.load_network(put(tmp_path, model))
    branched = onnx_model([gemm, ("Add", ["x"], {})], PARTS)
    with pytest.raises(ValueError, match="is an ONNX model with a branch at node Add"):
        u.load_network(put(tmp_path, branched))
    with pytest.raises(ValueError, match="is an ONNX model and not readable"):
        u.load_network(put(tmp_path, model[:-7]))
    with pytest.raises(ValueError, match="is an ONNX model, no data; is it the network"):
        u.Sample.load(put(tmp_path, model))


def test_operators_of_other_domains_and_other_shapes_are_refused_for_what_they_are(tmp_path):
    onnx = pytest.importorskip("onnx")
    gemm, last = ("Gemm", ["W", "b"], {"transB": 1}), ("Gemm", ["v"], {"transB": 1})
    limits = PARTS | {"axis": [1.0]}
    own = onnx_model([gemm, ("Relu", [], {"domain": "com.example"}), last], PARTS)
    column = onnx_model([("Gemm", ["W", "k"], {"transB": 1})], PARTS | {"k": [[1.0], [2.0]]})
    model = onnx.load_model_from_string(
        onnx_model([gemm, ("Slice", ["start", "end", "axis"], {}), last], limits)
    )
    for name, value in ("start", [0]), ("end", [2**63 - 1]):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(value), name))
    refused = [
        (own, r"a node com\.example\.Relu, expected Gemm"),
        (column, "a node Gemm, expected Gemm, .* of one input"),
        (model.SerializeToString(), "a node Slice, expected Gemm, .* without what changes shapes"),
    ]
    for data, message in refused:
        with pytest.raises(ValueError, match=message):
            u.load_network(put(tmp_path, data))


def test_clamps_at_zero_are_relu_and_squeezed_outputs_are_outputs(tmp_path):
    gemm, last = ("Gemm", ["W", "b"], {"transB": 1}), ("Gemm", ["v"], {"transB": 1})
    relu = u.load_network(put(tmp_path, onnx_model([gemm, ("Relu", [], {}), last], PARTS)))
    parts = PARTS | {"zero": 0.0, "six": 6.0, "minus": -1.0, "axes": [1], "zeros": [0.0, 0.0]}
    same = [
        [gemm, ("Clip", ["zero"], {}), last],
        [gemm, ("Clip", [], {"min": 0.0}), last],
        [gemm, ("Max", ["zero"], {}), last],
        [gemm, ("Relu", [], {}), last, ("Squeeze", [], {"axes": [-1]})],
        [gemm, ("Relu", [], {}), last, ("Squeeze", [], {})],
    ]
    for nodes in same:
        assert u.load_network(put(tmp_path, onnx_model(nodes, parts))) == relu
    wide = {"min": -3.5e38, "max": 3.5e38}
    for limits in ([], {}), ([], {"max": float(np.finfo(np.float32).max)}), ([], wide):
        nodes = [gemm, ("Clip", *limits), ("Relu", [], {}), last]
        assert u.load_network(put(tmp_path, onnx_model(nodes, parts))) == relu
    refused = [
        ([gemm, ("Clip", ["zero", "six"], {}), last], r"a node Clip \(clamp\) to \[0, 6\], which"),
        ([gemm, ("Clip", ["minus"], {}), last], r"to \[-1, inf\], .* being -1 \+ relu\(h - -1\)$"),
        ([gemm, ("Clip", [], {"max": 6.0}), last], r"to \[-inf, 6\], .* being 6 - relu\(6 - h\)$"),
        ([gemm, ("Max", ["zeros"], {}), last], "a node Max, expected Gemm"),
        ([gemm, ("Squeeze", [], {}), last], "a node Squeeze before its end"),
        (
            [gemm, last, ("Squeeze", [], {"axes": [0]})],
            "a node Squeeze, .* changes shapes",
        ),
    ]
    for nodes, message in refused:
        with pytest.raises(ValueError, match=message):
            u.load_network(put(tmp_path, onnx_model(nodes, parts)))


def test_dropout_asks_for_training_or_changes_nothing(tmp_path):
    onnx = pytest.importorskip("onnx")
    gemm, last = ("Gemm", ["W", "b"], {"transB": 1}), ("Gemm", ["v"], {"transB": 1})
    for training in (False, True):
        nodes = [gemm, ("Relu", [], {}), ("Dropout", ["half", "flag"], {}), last]
        model = onnx.load_model_from_string(onnx_model(nodes, PARTS | {"half": 0.5}))
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(training), "flag"))
        path = put(tmp_path, model.SerializeToString())
        if training:
            with pytest.raises(ValueError, match="node Dropout in training mode, which is no f"):
                u.load_network(path)
        else:
            assert u.load_network(path).v.tolist() == [1, -3]


def test_batch_normalisation_in_training_is_refused(tmp_path):
    gemm, last = ("Gemm", ["W", "b"], {"transB": 1}), ("Gemm", ["v"], {"transB": 1})
    parts = PARTS | {name: [1.0, 1.0] for name in ("gamma", "beta", "mean", "variance")}
    for training in (0, 1):
        given = ["gamma", "beta", "mean", "variance"]
        options = {"training_mode": training, "epsilon": 0.0}
        nodes = [gemm, ("BatchNormalization", given, options), ("Relu", [], {}), last]
        path = put(tmp_path, onnx_model(nodes, parts))
        if training:
            with pytest.raises(ValueError, match="node BatchNormalization in training mode"):
                u.load_network(path)
        else:
            assert u.load_network(path).w.tolist() == [1, 2]


def test_programs_of_torch_export_say_what_they_are(tmp_path):
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(1, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    program = torch.export.export(module, (torch.zeros(2, 1),))
    torch.export.save(program, tmp_path / "net.pt2")
    with pytest.raises(ValueError, match=r"is a program of torch\.export, .* load it by torch"):
        u.load_network(tmp_path / "net.pt2")
    assert u.ReluNet.from_torch(program.state_dict) == u.ReluNet.from_torch(module)


# Checkpoints


WRAPPERS = ["net", "model", "model_state", "model_state_dict", "state_dict", "params", "ema"]


@pytest.mark.parametrize("name", WRAPPERS)
def test_networks_in_checkpoints_are_found(tmp_path, name):
    checkpoint = {"epoch": 3, name: LAYERS, "optimizer": {"state": {"0": {"step": 3}}}}
    net = u.load_network(put(tmp_path, json.dumps(checkpoint)))
    assert net.v.tolist() == [1.0, -3.0]
    assert u.ReluNet.from_torch({"ckpt": checkpoint}).v.tolist() == [1.0, -3.0]


@pytest.mark.parametrize("prefix", ["model.", "module.", "_orig_mod.", "module._orig_mod.net."])
def test_prefixes_of_trainers_change_nothing(tmp_path, prefix):
    prefixed = {f"{prefix}{name}": value for name, value in LAYERS.items()}
    content = json.dumps({"state_dict": prefixed, "n_averaged": 3})
    assert u.load_network(put(tmp_path, content)).v.tolist() == [1.0, -3.0]
    averaged = {"n_averaged": 3, **prefixed}
    assert u.ReluNet.from_torch(averaged).v.tolist() == [1.0, -3.0]


def test_two_networks_in_a_file_are_asked_for(tmp_path):
    other = {name: (np.asarray(value) * 2.0).tolist() for name, value in LAYERS.items()}
    nested = {"model": LAYERS, "ema": {"shadow": other}}
    flat = {
        f"{which}.{name}": value
        for which, part in (("gen", LAYERS), ("disc", other))
        for name, value in part.items()
    }
    for content, names in ((nested, ("model", "ema.shadow")), (flat, ("gen", "disc"))):
        path = put(tmp_path, json.dumps(content))
        message = rf"holds several networks, '{names[0]}', '{names[1]}'; say which one by key="
        with pytest.raises(ValueError, match=message):
            u.load_network(path)
        with pytest.raises(ValueError, match=rf"has no network 'x', it has '{names[0]}', '"):
            u.load_network(path, key="x")
        assert u.load_network(path, key=names[0]).v.tolist() == [1.0, -3.0]
        assert u.load_network(path, key=names[1].rpartition(".")[2]).v.tolist() == [2.0, -6.0]
        assert u.ReluNet.from_torch(content, key=names[1]).v.tolist() == [2.0, -6.0]
    # one after the other is a network, too, where someone says so
    assert len(u.load_network(put(tmp_path, json.dumps(flat)), key="").layers) == 4
    with pytest.raises(
        ValueError, match=r"no network 'gen', it has none with a name; leave out key"
    ):
        u.load_network(put(tmp_path, json.dumps(LAYERS)), key="gen")


def state_dict(**shapes):
    return {f"{name}.weight": np.ones(shape).tolist() for name, shape in shapes.items()}


BRANCHED = {
    "skip": state_dict(fc1=(2, 1), fc2=(1, 2), skip=(1, 1)),
    "two branches": state_dict(fc1a=(2, 1), fc2a=(1, 2), fc1b=(2, 1), fc2b=(1, 2)),
    "scale": state_dict(fc1=(2, 1), fc2=(1, 2), scale=(1, 1)),
    "numbered": state_dict(fc1=(2, 1), fc2=(1, 2), fc3=(1, 1)),
    "nothing between": state_dict(**{"0": (2, 1), "2": (1, 2), "3": (1, 1)}),
}


@pytest.mark.parametrize("name", BRANCHED)
def test_what_may_be_branches_is_no_chain_unless_someone_says_so(tmp_path, name):
    layers = BRANCHED[name]
    path = put(tmp_path, json.dumps(layers))
    message = r"more than one output in all layers but the last, got one in '\w+' of .*--net-key ''"
    for convert in (u.load_network, u.ReluNet.from_torch, highdim.load_network):
        with pytest.raises(ValueError, match=message):
            convert(layers if convert == u.ReluNet.from_torch else path)
    assert len(u.load_network(path, key="").layers) == len(layers)


def test_sequential_numbers_say_that_layers_follow_one_another(tmp_path):
    layers = state_dict(**{"net.0": (1, 1), "net.2": (1, 1)})
    assert u.load_network(put(tmp_path, json.dumps(layers))).width == 1


# Kinds that are not read


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


FOREIGN = {
    "is a pickle": pickle.dumps({"v": 1}),
    "is an HDF5 file": b"\x89HDF\r\n\x1a\n....",
    "is a MATLAB file": b"MATLAB 5.0 MAT-file, Platform",
    "is a Parquet file": b"PAR1....",
    "is an SQLite store": b"SQLite format 3\x00...",
    "is compressed by bzip2": bz2.compress(b"x,y\n1,1\n"),
    "is compressed by gzip and damaged": gzip.compress(b"x,y\n1,1\n")[:-4],
    "is an Excel file": archive(**{"[Content_Types].xml": b"", "xl__workbook.xml": b""}),
    "is a zip archive of data.csv; unpack": archive(**{"data.csv": b"1,1"}),
    "is TorchScript": archive(
        net__constants=b"", **{"net__constants.pkl": b"", "net__data.pkl": b""}
    ),
    "is a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
    "is a web page": b"<!DOCTYPE html><html>",
    "is a picture": b"\x89PNG\r\n\x1a\n....",
    "is an ONNX model": b"\x08\x07\x12\x07pytorch",
    "is of no known kind": b"\x01\x02\x00\x03",
    "is empty, it holds no data": b" \n ",
    "is a tar archive": b"x" * 257 + b"ustar",
    "is not a readable safetensors file": (50).to_bytes(8, "little") + b'{"a": ',
    "is not a readable .npy file": saved(np.save, [1.0])[:-1],
}


@pytest.mark.parametrize("cell", ["", " ", "NA", "nan", "None"])
def test_a_missing_label_is_named_by_its_line(tmp_path, cell):
    table = put(tmp_path, f"x,y\n0.1,1\n0.2,{cell}\n0.3,-1\n".encode())
    with pytest.raises(ValueError, match=r"line 3: expected a label, got '.*'; fill it in, or"):
        u.Sample.load(table, label_map={1: 1, -1: -1})


def test_what_unpacks_to_more_than_the_limit_is_refused_unread(tmp_path, monkeypatch):
    table = put(tmp_path, gzip.compress(b"x,y\n" + b"0,1\n" * 1000))
    assert u.Sample.load(table).size == 1
    np.savez_compressed(tmp_path / "net.npz", v=np.ones(1000), w=np.ones(1000), b=np.zeros(1000))
    assert u.load_network(tmp_path / "net.npz").width == 1000
    for module in (files, contents):
        monkeypatch.setattr(module, "LARGEST", 3999)
    refusal = "is compressed and unpacks to more than 3,999 bytes; if that is meant, unpack it"
    with pytest.raises(ValueError, match=refusal):
        u.Sample.load(table)
    with pytest.raises(ValueError, match=refusal):
        u.load_network(tmp_path / "net.npz")


READERS = [u.load_network, u.Sample.load, highdim.load_network, highdim.SphereSample.load]


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("load", READERS)
def test_other_kinds_are_refused_with_what_they_are(tmp_path, what, load):
    # ModuleNotFoundError: an ONNX model where its reader is not installed
    with pytest.raises((ValueError, ModuleNotFoundError), match=r"file' is ") as caught:
        load(put(tmp_path, FOREIGN[what]))
    assert what in str(caught.value)
    assert "; " in str(caught.value)
    assert "\n" not in str(caught.value)


# Writing


NET = u.ReluNet([1.0], [1.0], [0.0])
SAMPLE = u.Sample([0.5], [1.0])


@pytest.mark.parametrize(
    "ending", ["pt", "pth", "ckpt", "safetensors", "npy", "json", "csv", "PT", "pth.tar"]
)
def test_nothing_is_written_under_the_ending_of_another_format(tmp_path, ending):
    path = tmp_path / f"best.{ending}"
    sphere = highdim.draw_sphere_sample(2, 3, 0.0, rng=0)
    deep = u.DeepReluNet([([[1.0]], [0.0])])
    writers = [NET.save, deep.save, highdim.init_network(2, 3, rng=0).save]
    if ending != "csv":
        writers += [SAMPLE.save, sphere.save]
    for write in writers:
        with pytest.raises(ValueError, match=r"`path` must end in \.(npz|csv or)"):
            write(path)
    assert list(tmp_path.iterdir()) == []


NAMES = ["truth", "Density", "distribution", "weights", "mask", "y_true", "p", "x_test", "id"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_sample_means_is_not_passed_over(tmp_path, name):
    told = {"x": [0.25, 0.5], "y": [-1, 1], name: "0.3:+-"}
    np.savez(tmp_path / "file.npz", **told)
    for path in (put(tmp_path, json.dumps(told)), tmp_path / "file.npz"):
        for load in (u.Sample.load, highdim.SphereSample.load):
            with pytest.raises(ValueError, match=f"holds {name} besides inputs and labels"):
                load(path)


def test_what_no_sample_has_is_not_passed_over_in_files_of_this_package(tmp_path):
    np.savez(tmp_path / "s.npz", schema="univariate.Sample/1", x=X, y=Y, p=0.1)
    with pytest.raises(ValueError, match="holds p besides inputs and labels"):
        u.Sample.load(tmp_path / "s.npz")
    for facts, message in (
        ('{"p": 0.1}', "holds p besides inputs and labels"),
        ('{"truth": "-1", "truth": "+1"}', "the comment that says what the sample knows is dam"),
    ):
        note = f"# univariate.Sample/1 {facts}\nx,y\n0.25,-1\n"
        with pytest.raises(ValueError, match=message):
            u.Sample.load(put(tmp_path, note))


def respelt(line, separator):
    """A line as a spreadsheet that splits cells at commas writes it again."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerow([*line.split(","), ""])
    return stream.getvalue().strip()


@pytest.mark.parametrize("cells", [",", ";"])
def test_what_a_sample_knows_survives_a_spreadsheet(tmp_path, cells):
    sample = u.Sample([0.25, 0.5], [1.0, -1.0], density="beta(2, 5)", truth="0.3,0.4:+-+")
    sample.save(tmp_path / "s.csv")
    note, *table = (tmp_path / "s.csv").read_text().splitlines()
    whole = '"' + note.replace('"', '""') + '"' + cells
    lines = [line.replace(",", cells) for line in table]
    for first in (respelt(note, ",") if cells == "," else whole, whole):
        found = u.Sample.load(put(tmp_path, "\n".join([first, *lines])))
        assert (found.density.name, found.truth) == (sample.density.name, sample.truth)


@pytest.mark.parametrize(
    "cell", ["#N/A", "#DIV/0!", "#NAME?", "#NUM!", "#NV", "#WERT!", "#¡VALOR!", '"#REF!"']
)
def test_cells_that_a_spreadsheet_could_not_compute_are_no_comments(tmp_path, cell):
    for separator in ",;\t":
        for lines in (["x,y", "0.5,1", f"{cell},-1"], ["y,x", "1,0.5", f"{cell},0.25"]):
            path = tmp_path / "data.csv"
            path.write_text("\n".join(lines).replace(",", separator), encoding="utf-8")
            with pytest.raises(ValueError, match=r"line 3: expected|y\[1\] = '#"):
                u.Sample.load(path)


def test_comments_may_be_about_such_cells(tmp_path):
    for comment in ("#N/A", "#N/A rows were dropped, two", "# N/A,1", "#OK, by me", "#0.75,1"):
        path = tmp_path / "data.csv"
        path.write_text(f"x,y\n0.5,1\n{comment}\n0.25,-1\n", encoding="utf-8")
        assert u.Sample.load(path).size == 2, comment


def test_comments_have_lines_of_their_own(tmp_path):
    for lines in ("% measured\n0.5,1\n0.25,-1\n", "% x y\n0.5 1\n% and\n0.25 -1\n"):
        assert u.Sample.load(put(tmp_path, lines)).x.tolist() == X
    for lines in (
        "0.5,1 # first\n0.25,-1\n",
        "0.5,1# first\n0.25,-1\n",
        "x,y\n0.5,1\n0.25,-1  % last\n",
        "0.5 1 # a\n",
    ):
        with pytest.raises(ValueError, match=r"line \d: a comment must have a line of its own"):
            u.Sample.load(put(tmp_path, lines))
    # names and labels may hold such signs
    assert u.Sample.load(put(tmp_path, "dose 5 %,y\n0.5,1\n0.25,-1\n")).x.tolist() == X
    sharp = u.Sample.load(put(tmp_path, "0.5,C#\n0.25,D #\n"), label_map={"C#": 1, "D #": -1})
    assert sharp.y.tolist() == Y


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_the_line_that_tells_excel_the_separator_is_read(tmp_path, mark):
    for head in (f"sep={mark}", f'"sep={mark}"', f"\ufeffSEP={mark}"):
        lines = f"{head}\nx{mark}y\n0.5{mark}1\n0.25{mark}-1\n"
        assert u.Sample.load(put(tmp_path, lines)).x.tolist() == X
    lines = f"# measured\n# twice\nsep={mark}\nx{mark}y\n0.5{mark}1\n0.25{mark}-1\n"
    assert u.Sample.load(put(tmp_path, lines)).x.tolist() == X
    with pytest.raises(ValueError, match="line 3: expected 2 numbers"):
        u.Sample.load(put(tmp_path, f"sep={mark}\n0.5{mark}1\n0.25\n"))


def test_labels_that_come_first_are_seen_in_several_dimensions(tmp_path):
    with pytest.raises(ValueError, match=r"labels \+1 and -1 seem to come first; put them last"):
        highdim.SphereSample.load(put(tmp_path, "1,0.6,0.8\n-1,0.8,0.6\n"))
    # corners of a cube, and labels that are 0 and 1
    cube = put(tmp_path, "1,-1,0\n-1,-1,1\n")
    assert highdim.SphereSample.load(cube, label_map={0: -1, 1: 1}).dimension == 2


# Thousands


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x;y\n1.234;1\n2.345;-1\n", "line 2: the point in '1.234' may be a decimal sign or"),
        ("x\ty\n1.234\t1\n22.345\t-1\n", "line 2: the point in '1.234' may be a decimal"),
        ("1.234;1\n-2.345;-1\n", "line 1: the point in '1.234' may be"),
        ("x;y\n1.000;1\n-1.000;-1\n", "line 2: the point in '1.000' may be"),
        ("x;y\n2;1\n1.234.567;-1\n", "line 3: the point in '1.234.567' may be"),
        ("x;y\n1.234;1\n2,5;-1\n", "line 2: what is the decimal sign in '1.234' is not clear"),
        ("x;y\n0,5;1\n1.234,5;-1\n", "line 3: what is the decimal sign in '1.234,5' is not"),
        ("x;y\n1.234,5;1\n2.234,5;-1\n", "expected finite numbers, got '1.234,5'; write a"),
        ('x,y\n"1.234,5",1\n"0,5",-1\n', "line 2: what is the decimal sign in '1.234,5' is"),
        ("x;y\n1,234.5;1\n0.5;-1\n", "line 2: what is the decimal sign in '1,234.5' is not"),
        ("x;y\n1'234.5;1\n0.5;-1\n", 'got "1\'234.5"; write a decimal point, and nothing'),
        ("x;y\n1\u202f234,5;1\n0,5;-1\n", "is not clear, the table has commas and points, or"),
        ("x;y\n0,5;1.000\n0,7;-1.000\n", "what is the decimal sign in '1.000' is not clear"),
    ],
)
def test_what_may_separate_thousands_is_refused(tmp_path, text, message):
    (tmp_path / "data.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        u.Sample.load(tmp_path / "data.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x;y\n0,25;1\n0,5;-1\nabc;-1\n0,75;1\n", "line 4: expected finite numbers, got 'abc'"),
        ("x\ty\n0,25\t1\nn/a\t-1\n0,75\t1\n", "line 3: expected finite numbers, got 'n/a'"),
        ("0,25;1\n0,5;-1\n0,75;1\n#N/A;1\n", "line 4: expected finite numbers, got '#N/A'"),
        ("0,25;1\n0,5;-1\nabc;-1\n0,75;1\n", "line 3: expected finite numbers, got 'abc'"),
        ("x;y\n0,25;a\n0,5;b\nabc;b\n0,75;a\n", "line 4: expected finite numbers, got 'abc'"),
        ("x;y\n0,25;1\n0,5;-1\n;1\n", "line 4: expected finite numbers, got ''; repair it"),
    ],
)
def test_a_text_among_decimal_commas_is_what_is_wrong(tmp_path, text, message):
    """The decimal sign was said to be unclear, or the first line to be no numbers."""
    for words in (text, text.replace(";", "\t")):
        (tmp_path / "data.csv").write_text(words)
        with pytest.raises(ValueError, match=re.escape(message)):
            u.Sample.load(tmp_path / "data.csv")


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("x;y\n0.234;1\n2.345;-1\n", [0.234, 2.345]),
        ("x;y\n1.234;1\n2.5;-1\n", [1.234, 2.5]),
        ("1.234\t1.000\n2.345\t-1.000\n", [1.234, 2.345]),  # as numpy writes with fmt="%.3f"
        ("y;x\n1,000;1,234\n-1,000;2,345\n", [1.234, 2.345]),
        ("x,y\n1.234,1\n2.345,-1\n", [1.234, 2.345]),
        ("1.234 1\n2.345 -1\n", [1.234, 2.345]),
        ("x;y\n0,5;1\n2,345;-1\n", [0.5, 2.345]),
        ("x;y\n1234;1\n2345;-1\n", [1234.0, 2345.0]),
        ("x;y\n0.5;1.000\n0.7;-1.000\n", [0.5, 0.7]),
    ],
)
def test_numbers_that_can_be_read_in_one_way_only_are(tmp_path, text, x):
    (tmp_path / "data.csv").write_text(text)
    found = u.Sample.load(tmp_path / "data.csv")
    assert found.x.tolist() == x
    assert found.y.tolist() == [1.0, -1.0]


@pytest.mark.parametrize("space", [" ", "\u00a0"])
def test_spaces_between_thousands_are_no_separators(tmp_path, space):
    """With names over them the thousands once passed for the names of rows."""
    rows = [("90#739", "1"), ("68#373", "-1"), ("33#010", "1")]
    for lines in (
        ["x\ty", *("\t".join(row) for row in rows)],
        ["x\ty", *(f'"{a}"\t"{b}"' for a, b in rows)],
        ["x y", *(f'"{a}" "{b}"' for a, b in rows)],
    ):
        with pytest.raises(
            ValueError, match="write a decimal point, and nothing between thousands"
        ):
            u.Sample.load(put(tmp_path, "\n".join(lines).replace("#", space)))
    bare = ["x y", *(" ".join(row).replace("#", " ") for row in rows)]
    with pytest.raises(ValueError, match="'90 739' may be the name of a row and a number, or one"):
        u.Sample.load(put(tmp_path, "\n".join(bare)))
    counted = "\n".join(f"{k} {line}" for k, line in enumerate(bare))
    with pytest.raises(ValueError, match="'90 739' may be the name of a row and a number, or one"):
        u.Sample.load(put(tmp_path, counted.replace("0 x", "id x")))
    with pytest.raises(ValueError, match="can be read in two ways, with cells separated by ','"):
        u.Sample.load(put(tmp_path, 'x, label\n3 476, "-1,000"\n4 878, "-1,000"\n'))
    counted = "x y\n0 250 1\n1 500 -1\n2 750 1\n"  # as pandas prints them
    assert u.Sample.load(put(tmp_path, counted)).x.tolist() == [250.0, 500.0, 750.0]
    named = '"x" "y"\n"1" 0.5 1\n"2" 0.25 -1\n'  # as R writes them
    assert u.Sample.load(put(tmp_path, named)).x.tolist() == X


def test_a_first_row_with_a_label_like_a_name_is_data(tmp_path):
    label_map = {"y": 1, "n": -1}
    found = u.Sample.load(put(tmp_path, "0.1,y\n0.2,n\n0.3,n\n"), label_map=label_map)
    assert (found.x.tolist(), found.y.tolist()) == ([0.1, 0.2, 0.3], [1.0, -1.0, -1.0])
    with pytest.raises(ValueError, match="may be data or names of columns"):
        u.Sample.load(put(tmp_path, "0,y\n0.2,n\n0.3,n\n"), label_map=label_map)


@pytest.mark.parametrize(
    "note",
    [
        "% univariate.Sample/1",
        "## univariate.Sample/1",
        "# Univariate.Sample/1",
        "# univariate.Sample",
    ],
)
def test_what_is_nearly_a_note_is_not_passed_over(tmp_path, note):
    with pytest.raises(ValueError, match="line 1: the comment that says what the sample knows is"):
        u.Sample.load(put(tmp_path, note + ' {"truth": "0.3:+-"}\nx,y\n0.5,1\n0.25,-1\n'))


# Files that hold more than is read of them


def test_arrays_behind_the_first_are_not_passed_over(tmp_path):
    with (tmp_path / "data.npy").open("wb") as stream:
        np.save(stream, np.array([[0.25, 1.0], [0.75, -1.0]]))
        assert u.Sample.load(tmp_path / "data.npy").size == 2
        np.save(stream, np.array([[0.5, 1.0]]))
    with pytest.raises(ValueError, match=r"holds more behind its first array.*numpy\.savez"):
        u.Sample.load(tmp_path / "data.npy")


def test_two_arrays_of_one_name_are_refused(tmp_path):
    for names in (("b.npy", "b.npy"), ("b.npy", "b")):
        with zipfile.ZipFile(tmp_path / "net.npz", "w") as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of zipfile, of two names
            for name in ("v.npy", "w.npy", *names):
                content = io.BytesIO()
                np.save(content, np.ones(2))
                archive.writestr(name, content.getvalue())
        with pytest.raises(ValueError, match=r"net\.npz' holds two arrays of one name"):
            u.load_network(tmp_path / "net.npz")


@pytest.mark.parametrize("extra", ["behind", "between", "overlap"])
def test_safetensors_hold_their_tensors_and_nothing_else(tmp_path, extra):
    spans = {"behind": [(0, 8), (8, 16)], "between": [(0, 8), (16, 24)], "overlap": [(0, 8)] * 2}
    names = ("v", "w")
    header = {
        name: {"dtype": "F64", "shape": [1], "data_offsets": span}
        for name, span in zip(names, spans[extra], strict=True)
    }
    text = json.dumps({**header, "b": {"dtype": "F64", "shape": [0], "data_offsets": [0, 0]}})
    size = {"behind": 24, "between": 24, "overlap": 8}[extra]
    content = len(text).to_bytes(8, "little") + text.encode() + bytes(size)
    (tmp_path / "net.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match="its tensors are not all that it holds"):
        u.load_network(tmp_path / "net.safetensors")


CONFIGS = {
    "another activation": ({"hidden_act": "gelu"}, "'config.json' holds 'hidden_act' = 'gelu'"),
    "a scaling": ({"x_mean": 0.5}, "'config.json' holds numbers 'x_mean'"),
    "ReLU": ({"hidden_act": "relu", "initializer_range": 0.02, "layer_norm_eps": 1e-12}, None),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_settings_in_the_folder_of_pretrained_weights_are_believed(tmp_path, name):
    numpy = pytest.importorskip("safetensors.numpy")
    settings, message = CONFIGS[name]
    (tmp_path / "config.json").write_text(json.dumps(settings))
    arrays = {"v": np.array([1.0]), "w": np.array([2.0]), "b": np.array([-1.0])}
    for file in ("model.safetensors", "net.safetensors"):
        numpy.save_file(arrays, tmp_path / file)
        if message is None:
            assert u.load_network(tmp_path / file) == u.ReluNet([1.0], [2.0], [-1.0])
        elif file == "net.safetensors":
            with pytest.warns(u.PassedOverWarning, match=r"has 'config\.json\."):
                assert u.load_network(tmp_path / file) == u.ReluNet([1.0], [2.0], [-1.0])
        else:
            with pytest.raises(ValueError, match=message):
                u.load_network(tmp_path / file)
    (tmp_path / "config.json").write_text("{")
    assert u.load_network(tmp_path / "model.safetensors") == u.ReluNet([1.0], [2.0], [-1.0])


def test_settings_beside_pretrained_weights_name_the_activation_of_each_layer(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    arrays = {"0.weight": [[2.0]], "0.bias": [-1.0], "2.weight": [[1.0]]}
    file = tmp_path / "model.safetensors"
    numpy.save_file({name: np.array(value) for name, value in arrays.items()}, file)
    (tmp_path / "config.json").write_text(json.dumps({"activations": ["relu", "linear"]}))
    assert u.load_network(file) == u.ReluNet([1.0], [2.0], [-1.0])
    (tmp_path / "config.json").write_text(json.dumps({"activations": ["relu", "relu"]}))
    with pytest.raises(ValueError, match=r"'config\.json' holds 'activations' = "):
        u.load_network(file)


def test_reports_are_no_networks(tmp_path):
    report = {"schema": "univariate.report/1", "net": {"v": [1.0], "w": [1.0], "b": [0.0]}}
    path = put(tmp_path, json.dumps(report), "report.json")
    with pytest.raises(ValueError, match=r"no network, it holds 'univariate\.report/1'"):
        u.load_network(path)
