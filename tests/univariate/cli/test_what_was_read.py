"""What commands say of files that they read: on the screen, in the JSON, and on stderr."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import univariate as u
from highdim.cli.app import app as on_the_sphere
from univariate.cli.app import app
from univariate.common.readings import Reading, as_trained

LAYERS = {"a.weight": [[1.0], [-1.0]], "a.bias": [1.0, 1.0], "b.weight": [[1.0, -1.0]]}
SHAPES = [{"name": "a", "outputs": 2, "inputs": 1}, {"name": "b", "outputs": 1, "inputs": 2}]
PLANE = {"a.weight": [[1.0, 0.5], [2.0, 1.0]], "b.weight": [[1.0, -3.0]], "b.bias": [0.5]}


def run(program, *arguments):
    done = CliRunner().invoke(program, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture
def files(tmp_path):
    """A checkpoint of another width and name, and a table with a count of rows."""
    net, data = tmp_path / "tanh_w20.json", tmp_path / "data.csv"
    net.write_text(json.dumps({"model": LAYERS, "epoch": 3, "alpha": 0.5}))
    data.write_text("id,dose,y\n0,0.25,1\n1,0.75,-1\n")
    return net, data


@pytest.fixture
def points(tmp_path):
    net, data = tmp_path / "plane.json", tmp_path / "points.csv"
    net.write_text(json.dumps({"net": PLANE, "beta": 2}))
    data.write_text("y,x1,x0\n1,0,1\n-1,1,0\n")
    return net, data


def told(done, found):
    """The lines on the screen, which are words of the JSON."""
    lines = done.stdout.splitlines()
    read = found["origin"]["read"]
    assert [one["words"] for one in read.values() if "words" in one] == lines[: len(read)]
    return read


def test_an_audit_on_the_line_keeps_what_it_printed(tmp_path, files):
    done = run(app, "audit", *files, "--no-figure", "--out", tmp_path)
    found = json.loads((tmp_path / "audit.json").read_text())
    read = told(done, found)
    assert read["net"]["layers"] == SHAPES
    assert (read["net"]["between"], read["net"]["assumed"]) == ("ReLU", True)
    assert read["net"]["passed_over"] == ["epoch", "alpha"]
    assert read["net"]["not_taken_into_account"] == ["the name 'tanh_w20.json'", "'alpha' = 0.5"]
    assert read["data"]["words"] == "Inputs dose, label y; passed over: id"
    assert read["data"]["inputs"] == ["dose"]
    assert (read["data"]["label"], read["data"]["passed_over"]) == ("y", ["id"])
    assert str(tmp_path) not in json.dumps(read)


def test_no_folder_is_kept_that_was_not_typed(tmp_path, files, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for options in ([], ["--out", "."], ["--out", tmp_path, "--json", tmp_path / "b.json"]):
        names = [one.name for one in files]
        run(app, "audit", *names, "--no-figure", "--overwrite", *options)
        kept = json.loads(
            (tmp_path / ("b.json" if "--json" in options else "audit.json")).read_text()
        )
        assert str(tmp_path) not in json.dumps(kept["origin"])


@pytest.mark.parametrize("how", [("--json", "-"), ("--quiet",)])
def test_without_a_table_the_warning_is_one_line_on_stderr(tmp_path, files, how):
    done = run(app, "audit", *files, "--no-figure", "--out", tmp_path, *how)
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f"note: {str(files[0])!r} has the name 'tanh_w20.json', 'alpha' = 0.5")
    text = done.stdout if "-" in how else (tmp_path / "audit.json").read_text()
    assert json.loads(text)["origin"]["read"]["net"]["passed_over"] == ["epoch", "alpha"]


def test_training_keeps_what_was_read(tmp_path, files):
    asked = "--steps", 2, "--no-figure", "--out", tmp_path, "--quiet"
    done = run(app, "train", "--net", files[0], "--data", files[1], *asked)
    assert "has the name 'tanh_w20.json'" in done.stderr
    read = json.loads((tmp_path / "train.json").read_text())["origin"]["read"]
    assert read["net"]["layers"] == SHAPES
    assert read["data"]["inputs"] == ["dose"]


def test_an_audit_on_the_sphere_keeps_what_it_printed(tmp_path, points):
    asked = "--truth", points[0], "--no-figure", "--out", tmp_path
    done = run(on_the_sphere, "audit", *points, *asked)
    read = told(done, json.loads((tmp_path / "audit.json").read_text()))
    assert read["data"]["words"].startswith("Inputs x0, x1 in the order of their numbers")
    assert read["data"]["reordered"] is True
    assert read["truth"]["words"].startswith("Truth: Layers a (2×2) → b (1×2), ReLU assumed")
    assert done.stderr.count("has 'beta' = 2 beside its network") == 2
    run(on_the_sphere, "audit", *points, *asked, "--json", "-", "--overwrite")


def test_a_report_on_the_sphere_keeps_what_was_read_of_its_truth(tmp_path, points):
    small = "--m", 3, "--d", 2, "--width", 3, "--flow-time", 0.1
    asked = "--truth", points[0], "--no-figure", "--out", tmp_path, "--quiet"
    done = run(on_the_sphere, "report", *small, *asked)
    read = json.loads((tmp_path / "report.json").read_text())["origin"]["read"]
    assert read["truth"]["passed_over"] == ["beta"]
    assert "has 'beta' = 2 beside" in done.stderr


def test_nothing_is_said_of_files_that_say_what_they_are(tmp_path, files):
    files[0].with_name("net.json").write_text(json.dumps({"v": [1.0], "w": [1.0], "b": [0.0]}))
    plain = tmp_path / "plain.csv"
    plain.write_text("0.25,1\n0.75,-1\n")
    where = "--no-figure", "--out", tmp_path
    done = run(app, "audit", tmp_path / "net.json", plain, *where)
    assert done.stderr == ""
    assert "read" not in json.loads((tmp_path / "audit.json").read_text())["origin"]


def test_training_says_that_biases_which_a_net_lacks_are_trained(tmp_path, files):
    net, data = tmp_path / "free.json", files[1]
    short = ("--data", data, "--margin", 0.01, "--no-figure", "--overwrite", "--out", tmp_path)
    said = "biases start at 0 and are trained, too"
    free = {name: entry for name, entry in LAYERS.items() if not name.endswith("bias")}
    for content in (free, {"v": [1.0, -1.0], "w": [1.0, -1.0], "b": [0.0, 0.0]}):
        net.write_text(json.dumps(content))
        done = run(app, "train", "--net", net, *short)
        read = told(done, json.loads((tmp_path / "train.json").read_text()))
        assert read["net"]["training"] == [said]
        assert read["net"]["words"].endswith(f"; {said}")
    net.write_text(json.dumps(LAYERS))
    done = run(app, "train", "--net", net, *short)
    assert "training" not in told(done, json.loads((tmp_path / "train.json").read_text()))["net"]
    assert "start at 0" in " ".join(run(app, "train", "--help").stdout.split())
    assert said not in run(app, "audit", net, data, "--no-figure", "--out", tmp_path).stdout


def test_training_says_that_two_neurons_of_a_leaky_unit_go_their_own_ways():
    start = u.ReluNet([1.0, -0.1, 2.0], [1.0, -1.0, 3.0], [0.5, -0.5, 0.0])
    said = ["a pair of neurons is one unit of the file, trained each on its own"]
    read = Reading("net", "Layers")
    layer = np.ones((3, 1)), None
    assert as_trained(read, start, {"fc in pairs": layer, "out": layer}).parts == {"training": said}
    # plain ReLU may have two neurons of one kink
    assert as_trained(read, start, {"fc": layer, "out": layer}) == read
    assert as_trained(read, start, {}) == read


@pytest.mark.parametrize(
    ("bias", "said"), [(0.5, "trains as that neuron does"), (0.0, "is 0, left out, not trained")]
)
def test_training_says_what_becomes_of_an_output_bias(tmp_path, files, bias, said):
    """As one more neuron it has other gradients than as a bias, and as none it has none."""
    net, data = tmp_path / "biased.json", files[1]
    net.write_text(json.dumps(LAYERS | {"b.bias": [bias]}))
    short = ("--steps", 2, "--no-figure", "--out", tmp_path)
    done = run(app, "train", "--net", net, "--data", data, *short)
    read = told(done, json.loads((tmp_path / "train.json").read_text()))
    assert read["net"]["training"] == [f"the output bias {said}"]
