"""The option --truth of report, train and audit: read, used, kept in the command line and files."""

import json

import pytest
from typer.testing import CliRunner

from univariate import Sample, Truth, clean_error, draw_sample, max_margin, read_comparison
from univariate.cli.app import app
from univariate.training.trajectory import Trajectory

TRUTH = "0.3,0.6:+-+"
runner = CliRunner()


def run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def done(*arguments):
    found = run(*arguments)
    assert found.exit_code == 0, found.output
    return found


def document(folder, name):
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def test_report_and_audit(tmp_path):
    net, data, table = tmp_path / "net.npz", tmp_path / "s.npz", tmp_path / "s.csv"
    told = ["report", "--m", 20, "--truth", TRUTH, "--no-figure", "--out", tmp_path]
    shown = done(*told, "--save-net", net, "--save-sample", data)
    assert f"truth {TRUTH}" in " ".join(shown.stdout.split())
    found = document(tmp_path, "report")
    assert found["truth"] == TRUTH
    assert f"--truth {TRUTH}" in found["origin"]["command"].replace("'", "")
    sample = draw_sample(20, 0.1, rng=0, truth=TRUTH)
    assert Sample.load(data) == sample
    expected = clean_error(max_margin(sample).net, truth=TRUTH).value
    assert found["clean_error"]["value"] == expected
    # an audit takes the truth from the sample's file, unless told otherwise
    for options, value, name in (
        ([], expected, TRUTH),
        (["--truth", "-1"], clean_error(max_margin(sample).net, truth="-1").value, "-1"),
    ):
        done("audit", net, data, *options, "--no-figure", "--out", tmp_path, "--overwrite")
        audit = document(tmp_path, "audit")
        assert (audit["clean_error"]["value"], audit["truth"]) == (value, name)
    # a table says it in a comment
    kept = done(*told, "--save-sample", table, "--overwrite")
    assert kept.stderr == ""
    assert Sample.load(table) == sample
    done("audit", net, table, "--no-figure", "--out", tmp_path, "--overwrite")
    audit = document(tmp_path, "audit")
    assert (audit["clean_error"]["value"], audit["truth"]) == (expected, TRUTH)


def test_train_and_resume(tmp_path):
    told = ["train", "--m", 6, "--steps", 30, "--no-figure", "--out", tmp_path]
    done(*told, "--truth", "1/3:-+")
    assert document(tmp_path, "train")["truth"] == "1/3:-+"
    assert Trajectory.load(tmp_path / "train.npz").truth == Truth.named("1/3:-+")
    assert Sample.load(tmp_path / "sample.npz").truth == Truth.named("1/3:-+")
    done(*told, "--truth", "1/3:-+", "--resume")
    refused = run(*told, "--truth", "0.5:+-", "--resume")
    assert refused.exit_code == 2
    # the truth of data is that of their file unless told
    data = tmp_path / "sample.npz"
    out = tmp_path / "new"
    done("train", "--data", data, "--steps", 10, "--no-figure", "--out", out)
    assert document(out, "train")["truth"] == "1/3:-+"
    done("train", "--data", data, "--steps", 10, "--no-figure", "--out", out / "b", "--truth", "+1")
    assert document(out / "b", "train")["truth"] == "+1"


def test_a_study_under_a_truth(tmp_path):
    told = ["report", "--m", "10,20", "--p", 0.1, "--no-figure", "--out", tmp_path]
    shown = done(*told, "--truth", TRUTH)
    assert "of which the realised bounds do not speak" in " ".join(shown.stdout.split())
    refused = run(*told)
    assert refused.exit_code == 2
    assert f"truth {TRUTH}; expected" in refused.stderr


def test_a_comparison_under_a_truth(tmp_path):
    told = ["compare", "max-margin", "--m", 20, "--p", 0.2, "--seeds", 1, "--no-figure"]
    done(*told, "--truth", TRUTH, "--out", tmp_path)
    (row,) = read_comparison(tmp_path / "comparison.csv", truth=TRUTH)
    sample = draw_sample(20, 0.2, rng=0, truth=TRUTH)
    assert row.clean_error == clean_error(max_margin(sample).net, truth=TRUTH).value
    assert run(*told, "--out", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.3", "`--truth` must be breakpoints, a colon and the signs between, got '0.3'"),
        ("0.3:+x", "`--truth` must be breakpoints, a colon"),
        ("0.6,0.3:+-+", "`--truth` must be one, got '0.6,0.3:+-+': breakpoints must be strictly"),
        ("0.3:+", "signs must be one more than the 1 breakpoints"),
        ("0.1:0+", "`--truth` must be +1 or -1 where x lies, got 0"),
    ],
)
def test_what_is_no_truth_is_refused_in_one_line(tmp_path, text, words):
    found = run("report", "--m", 20, "--truth", text, "--no-figure", "--out", tmp_path)
    assert found.exit_code == 2
    (line,) = found.stderr.strip().splitlines()
    assert words in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "x uniform on [0, 1]"),
        (["--density", "uniform(-1,1)"], "x uniform(-1, 1) on [-1, 0]"),
        (["--density", "expon"], "x expon() on [0, inf)"),
        (["--truth", TRUTH], f"x uniform on [0, 1], truth {TRUTH}"),
        (["--truth", "30,60:+-+"], "[0, 1], truth 30.0,60.0:+-+, which is +1 there"),
        (
            ["--density", "norm(9,1)", "--truth", "0.5:+-"],
            "x norm(9, 1) on (-inf, inf), truth 0.5:+-",
        ),
    ],
)
def test_the_law_and_the_truth_are_named(tmp_path, options, words):
    """Studies and comparisons said nothing of them, and no report where a law lies."""
    commands = {
        "report": ["report", "--m", 10],
        "study": ["report", "--m", "10,20", "--p", 0.2],
        "compare": ["compare", "1-nn", "--m", 10, "--p", 0.2, "--seeds", 1],
        "train": ["train", "--m", 6, "--steps", 2],
    }
    for name, command in commands.items():
        out = tmp_path / name
        out.mkdir()
        shown = done(*command, *options, "--no-figure", "--out", out).stdout
        assert words in " ".join(shown.split())
    for name in ("study", "compare"):
        shown = done(
            *commands[name], *options, "--no-figure", "--out", tmp_path / name, "--overwrite"
        )
        first = shown.stdout.splitlines()[0]
        assert first.startswith("x ")
        assert first.endswith("truth +1") == ("--truth" not in options)
