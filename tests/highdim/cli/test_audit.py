"""`highdim audit`: nets that PyTorch trained, from their files, and files that are no nets."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import highdim
from highdim import TwoLayerNet
from highdim.cli.app import app
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.paper.theorem_4_1 import theorem_4_1
from highdim.problem.network_files import load_network
from highdim.report.parts import PRECISION
from highdim.standing.kkt import kkt_certificate
from univariate.common.program import BAD_INPUT


def rounded(value):
    """Equal to rounding: sums of products may be taken in another order elsewhere."""
    return pytest.approx(value, rel=1e-9)


def run(*arguments):
    return CliRunner().invoke(app, ["audit", *map(str, arguments)])


def complaint(result) -> str:
    assert result.exit_code == BAD_INPUT, result.output
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


def torch_net(sample, *, bias=True, depth=2, width=16):
    """Train by PyTorch: Adam on the mean logistic loss, float32."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    layers, inputs = [], sample.dimension
    for _ in range(depth - 1):
        layers += [torch.nn.Linear(inputs, width, bias=bias), torch.nn.ReLU()]
        inputs = width
    model = torch.nn.Sequential(*layers, torch.nn.Linear(inputs, 1, bias=False))
    X = torch.tensor(sample.X, dtype=torch.float32)
    y = torch.tensor(sample.y, dtype=torch.float32)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(300):
        optimiser.zero_grad()
        torch.nn.functional.softplus(-y * model(X)[:, 0]).mean().backward()
        optimiser.step()
    return torch, model


@pytest.fixture
def sample():
    return highdim.draw_sphere_sample(12, 80, 0.25, rng=2)


@pytest.mark.parametrize("ending", [".csv", ".npz"])
def test_a_net_trained_by_torch(tmp_path, sample, ending):
    torch, model = torch_net(sample)
    torch.save(model.state_dict(), tmp_path / "net.pt")
    data = tmp_path / f"data{ending}"
    sample.save(data)
    done = run(
        tmp_path / "net.pt", data, "--out", tmp_path, "--rng", 3, "--epsilon", 0.05, "--p", 0.25
    )
    assert done.exit_code == 0, done.output
    assert "ReLU assumed between them" in done.stdout
    found = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    net = load_network(tmp_path / "net.pt")
    with torch.no_grad():
        outputs = model(torch.tensor(sample.X, dtype=torch.float32))[:, 0].numpy()
    np.testing.assert_allclose(net(sample.X), outputs, rtol=1e-4, atol=1e-5)
    assert found["interpolation"]["margin"] == pytest.approx(
        float((sample.y * outputs).min()), rel=1e-4
    )
    error = highdim.clean_error(net, rng=3, precision=PRECISION)
    assert found["clean_error"]["value"] == rounded(error.value)
    assert found["kkt"]["accuracy"] == rounded(kkt_certificate(net, sample).accuracy)
    assert found["optimum"]["lower"] == rounded(optimum_bounds(sample, [net]).lower)
    theorem = theorem_4_1(net, sample, epsilon=0.05, p=0.25, rng=3)
    assert [one["claim"] for one in found["theorem_4_1"]["steps"]] == [
        one.claim for one in theorem.steps
    ]
    bias_sum = theorem.quantities["bias_sum"]
    assert found["theorem_4_1"]["quantities"]["bias_sum"] == rounded(bias_sum)
    assert found["net_facts"]["widths"] == [16]
    assert found["origin"]["net"] == str(tmp_path / "net.pt")
    options = "--p 0.25 --rng 3 --epsilon 0.05 --delta 0.05"
    command = f"highdim audit {tmp_path / 'net.pt'} {data} {options}"
    assert found["origin"]["command"] == command
    assert (tmp_path / "audit.png").stat().st_size > 20_000
    assert "".join(found["finding"].split()) in "".join(done.output.split())


@pytest.mark.parametrize(
    ("bias", "depth", "kind"), [(False, 2, "without biases"), (True, 3, "3-layer")]
)
def test_other_modules(tmp_path, sample, bias, depth, kind):
    torch, model = torch_net(sample, bias=bias, depth=depth)
    torch.save(model.state_dict(), tmp_path / "net.pth")
    sample.save(tmp_path / "data.npz")
    done = run(tmp_path / "net.pth", tmp_path / "data.npz", "--out", tmp_path, "--no-figure")
    assert done.exit_code == 0, done.output
    assert kind in done.output
    assert not (tmp_path / "audit.png").exists()
    found = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert found["p"] == 0.25
    assert (found["proposition_4_5"] is not None) == (depth == 2)


def test_same_command_same_bits(tmp_path, sample):
    net = highdim.gradient_flow(highdim.init_network(8, 80, rng=0), sample, flow_time=50.0).net
    net.save(tmp_path / "net.npz")
    data = tmp_path / "data.csv"
    sample.save(data)
    for folder in ("one", "two"):
        done = run(tmp_path / "net.npz", data, "--out", tmp_path / folder, "--polish")
        assert done.exit_code == 0, done.output
        assert "KKT point nearby" in done.output
    for name in ("audit.json", "audit.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_outputs_of_plus_and_minus_one_are_judged_both_ways(tmp_path, sample):
    start = highdim.init_network(8, 80, train_output=False, rng=0)
    net = highdim.gradient_flow(start, sample, flow_time=50.0, train_output=False).net
    net.save(tmp_path / "net.npz")
    sample.save(tmp_path / "data.npz")
    done = run(tmp_path / "net.npz", tmp_path / "data.npz", "--out", tmp_path, "--no-figure")
    found = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert (found["kkt"]["train_output"], found["fixed_kkt"]["train_output"]) == (True, False)
    assert all(text in done.output for text in ("Theorem 4.1", "Theorem 4.3", "outputs fixed"))


@pytest.fixture
def files(tmp_path, sample):
    highdim.init_network(4, 80, rng=0).save(tmp_path / "net.npz")
    sample.save(tmp_path / "data.npz")
    return tmp_path / "net.npz", tmp_path / "data.npz"


def test_dimensions_must_match(tmp_path, files):
    highdim.init_network(4, 7, rng=0).save(tmp_path / "other.npz")
    line = complaint(run(tmp_path / "other.npz", files[1], "--out", tmp_path))
    assert "`NET` must have the dimension of the sample, 80, got 7" in line


def test_a_column_too_many_is_told_by_the_names_of_those_that_were_taken(tmp_path):
    """The dimension alone was said, and not that a flag had become a coordinate."""
    highdim.init_network(4, 2, rng=0).save(tmp_path / "net.npz")
    data = tmp_path / "data.csv"
    data.write_text("x1,x2,noise,y\n1,0,0,1\n0,1,1,-1\n", encoding="utf-8")
    line = complaint(run(tmp_path / "net.npz", data, "--out", tmp_path))
    assert "`NET` must have the dimension of the sample, 3, got 2" in line
    assert "inputs of the table are x1, x2, noise, say by --columns which of them" in line
    quiet = ("--no-figure", "--json", "-")
    done = run(tmp_path / "net.npz", data, "--columns", "x1,x2,y", *quiet)
    assert json.loads(done.stdout)["sample_facts"]["dimension"] == 2


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        (
            "data.csv",
            b"x0,x1,y\n0.1,1,1\n0.2,0,0\n",
            "`y` must hold labels +1 and -1 only, got y[1] = 0;",
        ),
        ("data.csv", b"x0,x1,y\n0.1,1,1\n0.2,1\n", "line 3: expected 3 numbers"),
        ("data.csv", b"", "holds no data"),
        ("data.npz", b"PK\x03\x04 cut off", "is not a readable .npz file"),
        ("net.npz", b"PK\x03\x04 cut off", "is not a readable .npz file"),
        ("net.pt", b"nothing", "is no network, it is text"),
    ],
)
def test_damaged_files_are_named(tmp_path, files, name, content, part):
    if name.endswith(".pt"):
        pytest.importorskip("torch")
    (tmp_path / name).write_bytes(content)
    net = tmp_path / name if name.startswith("net") else files[0]
    data = tmp_path / name if name.startswith("data") else files[1]
    assert part in complaint(run(net, data, "--out", tmp_path))
    assert not (tmp_path / "audit.json").exists()


def test_truncated_and_exchanged_files(tmp_path, files):
    net, data = files
    assert "holds 'highdim.SphereSample/1', expected 'highdim.TwoLayerNet/1'" in complaint(
        run(data, net)
    )
    net.write_bytes(net.read_bytes()[:300])
    assert "is not a readable .npz file" in complaint(run(net, data))


@pytest.mark.parametrize("missing", ["net.npz", "net.pt", "data.csv", "data.npz"])
def test_missing_files_are_named(tmp_path, files, missing):
    if missing.endswith(".pt"):
        pytest.importorskip("torch")
    net = tmp_path / "none" / missing if missing.startswith("net") else files[0]
    data = tmp_path / "none" / missing if missing.startswith("data") else files[1]
    line = complaint(run(net, data))
    assert "must name an existing file" in line
    assert missing in line


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--p", 2], "`--p` must lie in [0, 1], got 2.0"),
        (["--epsilon", 0], "`--epsilon` must lie in (0, 1), got 0.0"),
        (["--delta", 1], "`--delta` must lie in (0, 1), got 1.0"),
        (["--rng", -1], "`--rng` must be an integer >= 0, got -1"),
    ],
)
def test_options_are_checked(tmp_path, files, options, part):
    assert part in complaint(run(*files, *options, "--out", tmp_path))


def test_out_must_be_a_folder(tmp_path, files):
    (tmp_path / "taken").write_text("")
    assert "`--out` must be a folder" in complaint(run(*files, "--out", tmp_path / "taken"))


def test_inputs_of_one_dimension_belong_to_univariate(tmp_path):
    TwoLayerNet([1.0], [[1.0]], [0.0]).save(tmp_path / "net.npz")
    (tmp_path / "data.csv").write_text("0.5,1\n-0.5,-1\n")
    line = complaint(run(tmp_path / "net.npz", tmp_path / "data.csv", "--out", tmp_path))
    assert "use univariate.ReluNet for scalar inputs" in line


def test_arrays_of_ones_own(tmp_path):
    X, y = np.eye(3), np.array([1.0, -1.0, 1.0])
    np.savez(tmp_path / "own.npz", X=X, y=y)
    sample = highdim.SphereSample.load(tmp_path / "own.npz")
    np.testing.assert_array_equal(sample.X, X)
    np.testing.assert_array_equal(sample.y, y)
    assert sample.p is None
    np.savez(tmp_path / "other.npz", A=X, y=y)
    with pytest.raises(ValueError, match=r"must hold inputs x and labels y, got A, y; save"):
        highdim.SphereSample.load(tmp_path / "other.npz")
    (tmp_path / "spaces.csv").write_text("1 0 1\n0 1 -1\n")
    assert highdim.SphereSample.load(tmp_path / "spaces.csv").X.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_a_truth_in_a_state_dict_is_said_with_what_is_assumed(tmp_path):
    layers = {"a.weight": [[1.0, 0.5], [2.0, 1.0]], "b.weight": [[1.0, -3.0]]}
    (tmp_path / "net.json").write_text(json.dumps(layers))
    (tmp_path / "data.csv").write_text("y;x1;x0\n1;0;1\n-1;1;0\n")
    files = tmp_path / "net.json", tmp_path / "data.csv"
    asked = "--truth", tmp_path / "net.json", "--no-figure", "--out", tmp_path
    result = run(*files, *asked)
    assert result.exit_code == 0, result.output
    assert "Truth: Layers a (2×2) → b (1×2), ReLU assumed" in " ".join(result.stdout.split())


def test_labels_and_networks_are_chosen_by_options(tmp_path):
    layers = {"a.weight": [[1.0, 0.5], [2.0, 1.0]], "b.weight": [[1.0, -3.0]]}
    (tmp_path / "net.ckpt").write_text(json.dumps({"model": layers, "ema": layers}))
    (tmp_path / "data.csv").write_text("y;x1;x0\n1;0;1\n0;1;0\n")
    asked = tmp_path / "net.ckpt", tmp_path / "data.csv", "--no-figure", "--out", tmp_path
    assert "several networks, 'model', 'ema'" in complaint(run(*asked))
    assert "--label-map" in complaint(run(*asked, "--net-key", "ema"))
    result = run(*asked, "--net-key", "ema", "--label-map", "0=-1,1=1")
    assert result.exit_code == 0, result.output
    assert "Layers a (2×2) → b (1×2), ReLU assumed" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        ("x0,x1,x2", (), "Inputs x0, x1, x2, label y"),
        ("id,x0,x1", (), "Inputs x0, x1, label y; passed over: id"),
        (
            "x1,x10,x2",
            (),
            "Inputs x1, x2, x10 in the order of their numbers, not as they stand, label y",
        ),
        ("age,weight,group", (), "Inputs age, weight, group, label y"),
        (
            "age,weight,group",
            ("--columns", "group,age,y"),
            "Inputs group, age, label y",
        ),
    ],
)
def test_columns_that_are_taken_as_inputs_are_said(names, options, said, tmp_path):
    X = np.random.default_rng(0).normal(size=(8, 3)).round(3)
    if names.startswith("id"):
        X[:, 0] = range(8)
    table = np.column_stack([X, np.sign(X[:, 1])])
    np.savetxt(tmp_path / "data.csv", table, delimiter=",", header=f"{names},y", comments="")
    taken = 2 if options or names.startswith("id") else 3
    TwoLayerNet(np.ones(4), np.ones((4, taken)), np.ones(4)).save(tmp_path / "net.npz")
    where = ("--out", tmp_path, "--no-figure")
    done = run(tmp_path / "net.npz", tmp_path / "data.csv", *where, *options)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == said


def test_of_tables_without_names_the_numbers_of_columns_are_said(tmp_path):
    rows = np.random.default_rng(0).normal(size=(8, 3)).round(3)
    np.savetxt(tmp_path / "data.csv", np.column_stack([rows, np.sign(rows[:, 0])]), delimiter=",")
    TwoLayerNet(np.ones(4), np.ones((4, 3)), np.ones(4)).save(tmp_path / "net.npz")
    done = run(tmp_path / "net.npz", tmp_path / "data.csv", "--out", tmp_path, "--no-figure")
    assert done.exit_code == 0, done.output
    said = "Inputs columns 1 to 3, label column 4, of a table without names"
    assert done.stdout.splitlines()[0] == said
    assert done.stderr == ""
    read = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))["origin"]["read"]
    assert (read["data"]["inputs"], read["data"]["label"]) == (["1", "2", "3"], "4")


def test_labels_that_may_come_first_in_a_table_without_names_are_said(tmp_path):
    """A feature of two values in the last column was the label, silently."""
    drawn = highdim.draw_sphere_sample(12, 3, 0.3, rng=1)
    feature = np.tile([0.0, 1.0, 1.0], 4)
    rows = np.column_stack([drawn.y, drawn.X, 2.0 * feature - 1.0])
    data = tmp_path / "data.csv"
    np.savetxt(data, rows, delimiter=",")
    np.save(tmp_path / "data.npy", rows)
    TwoLayerNet(np.ones(4), np.ones((4, 4)), np.ones(4)).save(tmp_path / "net.npz")
    where = ("--out", tmp_path, "--no-figure", "--overwrite")
    for path, way in (
        (data, "write a line of names before the data, such as y,x0,x1 or x0,x1,y"),
        (tmp_path / "data.npy", "save inputs and labels by numpy.savez(path, x=x, y=y)"),
    ):
        done = run(tmp_path / "net.npz", path, *where)
        assert done.exit_code == 0, done.output
        (line,) = done.stderr.strip().splitlines()
        assert line.startswith(f"note: {str(path)!r} has no names of columns, and its first column")
        assert line.endswith(f"to say which is, {way}")
        with pytest.warns(UserWarning, match="first column has two values as labels have"):
            highdim.SphereSample.load(path)
    np.savez(tmp_path / "data.npz", x=rows[:, 1:], y=rows[:, 0])
    assert np.array_equal(highdim.SphereSample.load(tmp_path / "data.npz").y, drawn.y)
    text = data.read_text(encoding="utf-8")
    data.write_text("label,a,b,c,group\n" + text, encoding="utf-8")
    done = run(tmp_path / "net.npz", data, *where)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Inputs a, b, c, group, label label\n")


def test_a_copy_of_the_labels_among_the_inputs_is_said(tmp_path):
    """On stderr, once; not where the columns are named."""
    drawn = highdim.draw_sphere_sample(24, 2, 0.3, rng=0)
    rows = np.column_stack([drawn.X, 0.5 + 0.5 * drawn.y, drawn.y])
    np.savetxt(
        tmp_path / "data.csv", rows, delimiter=",", header="a,b,responder,label", comments=""
    )
    highdim.init_network(9, 3, rng=0).save(tmp_path / "net.npz")
    files = [tmp_path / "net.npz", tmp_path / "data.csv", "--out", tmp_path, "--overwrite"]
    with pytest.warns(UserWarning, match="'responder' has one value for each label") as found:
        assert run(*files).exit_code == 0
    assert len(found) == 1
    assert run(*files, "--columns", "a,b,responder,label").exit_code == 0
