"""The option --truth of report and audit on the sphere, and the names of truths."""

import json

import numpy as np
import pytest
from hypothesis import given, strategies as st
from typer.testing import CliRunner

import highdim as h
from highdim.cli.app import app
from highdim.problem.sample import under_truth
from highdim.problem.truth_text import named_truth, truth_name
from univariate.common.program import BAD_INPUT

runner = CliRunner()
REPORT = ["report", "--m", "6", "--d", "3", "--width", "8", "--flow-time", "1", "--no-figure"]


def run(*arguments):
    return runner.invoke(app, [str(argument) for argument in arguments])


def done(folder, name, *arguments):
    found = run(*arguments, "--out", folder, "--overwrite")
    assert found.exit_code == 0, found.output
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8")), found


def refused(*arguments) -> str:
    found = run(*arguments)
    assert found.exit_code == BAD_INPUT, found.output
    return found.stderr


def test_report_and_audit_under_a_half_space(tmp_path):
    net, data = tmp_path / "net.npz", tmp_path / "data.npz"
    told = [*REPORT, "--truth", "half-space e2 0.1", "--save-net", net, "--save-sample", data]
    found, shown = done(tmp_path, "report", *told)
    assert found["sample_facts"]["truth"] == "half-space 0,1,0 0.1"
    assert "truth half-space 0,1,0 0.1" in " ".join(shown.stdout.split())
    assert "--truth 'half-space e2 0.1'" in found["origin"]["command"]
    truth = h.half_space([0.0, 1.0, 0.0], 0.1)
    sample = h.SphereSample.load(data)
    assert sample == h.draw_sphere_sample(6, 3, 0.1, rng=np.random.default_rng(0), truth=truth)
    # an audit takes the truth from the file, unless told otherwise
    plain, _ = done(tmp_path, "audit", "audit", net, data, "--no-figure")
    assert plain["clean_error"]["value"] == found["clean_error"]["value"]
    assert plain["p"] == 0.1
    other, _ = done(tmp_path, "audit", "audit", net, data, "--truth", "+1", "--no-figure")
    assert other["sample_facts"]["truth"] == "+1"
    assert other["clean_error"]["value"] != found["clean_error"]["value"]
    # the noise of one truth is not that of another
    assert other["p"] == float(np.mean(sample.y < 0.0))
    assert not other["p_given"]


def test_a_net_in_a_file_is_a_truth(tmp_path):
    file = tmp_path / "truth.npz"
    truth = h.init_network(3, 3, rng=5)
    truth.save(file)
    found, _ = done(tmp_path, "report", *REPORT, "--truth", file)
    assert found["sample_facts"]["truth"] == truth_name(truth)
    assert f"--truth {file}" in found["origin"]["command"]
    h.init_network(3, 3, depth=3, rng=5).save(tmp_path / "deep.npz")
    assert "must be a net of two layers, got 3" in refused(
        *REPORT, "--truth", tmp_path / "deep.npz"
    )
    h.init_network(3, 4, rng=5).save(file)
    assert "`--truth` must have the dimension of the inputs, 3" in refused(*REPORT, "--truth", file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("half-space", "a direction of 3 numbers, and at most an offset"),
        ("half-space 1,0", "a direction of 3 numbers"),
        ("half-space e4", "a direction of 3 numbers"),
        ("half-space e0", "a direction of 3 numbers"),
        ("half-space 1,0,0 0.1 0.2", "a direction of 3 numbers"),
        ("half-space 1,a,0", "a direction of 3 numbers"),
        ("half-space 0,0,0", "must not be 0"),
        ("half-space nan,0,0", "must be finite"),
        ("half-space 1,0,0 inf", "must be finite"),
        ("-1", "must be +1, a half space or an existing file"),
        ("", "must be +1, a half space or an existing file"),
    ],
)
def test_what_is_no_truth_is_refused(tmp_path, text, message):
    assert message in refused(*REPORT, "--out", tmp_path, f"--truth={text}")


def test_texts_and_names():
    assert named_truth(" +1 ", 3) is None
    assert named_truth("half-space -e3 0.25", 3) == h.half_space([0.0, 0.0, -1.0], 0.25)
    assert named_truth("half-space 0.6,-0.8", 2) == h.half_space([0.6, -0.8])
    assert truth_name(None) == "+1"
    assert truth_name(h.half_space(np.eye(2000)[6], -0.5)) == "half-space e7 -0.5"
    assert truth_name(h.half_space(-np.eye(2000)[6])) == "half-space -e7"
    long = truth_name(h.half_space(np.full(2000, 0.5), 0.25))
    assert long.startswith("a half space, |a| = 22.3607, c = 0.25, #")
    assert truth_name(h.TwoLayerNet([-2.0, 3.0], [[1.0, 0.0], [-1.0, 0.0]])) == "half-space -1,0"
    for same_sign in ([1.0, 1.0], [-1.0, 0.0]):
        net = h.TwoLayerNet(same_sign, [[1.0, 0.0], [-1.0, 0.0]])
        assert truth_name(net).startswith("a net of width 2, #")
    one, other = (h.init_network(3, 4, rng=seed) for seed in range(2))
    assert truth_name(one) != truth_name(other)


@given(st.lists(st.floats(-4, 4), min_size=2, max_size=4), st.floats(-1, 1))
def test_names_of_short_directions_are_read_back(direction, offset):
    direction = [float(f"{one:.6g}") for one in direction]
    offset = float(f"{offset:.6g}") + 0.0
    if any(direction):
        truth = h.half_space(direction, offset)
        assert named_truth(truth_name(truth), len(direction)) == truth


def test_a_sample_under_its_own_truth_keeps_its_noise_level():
    sample = h.draw_sphere_sample(6, 3, 0.2, rng=0)
    assert under_truth(sample, None) is sample
    turned = under_truth(sample, h.half_space([1.0, 0.0, 0.0]))
    assert turned.p is None
    assert np.array_equal(turned.y, sample.y)


def test_tables_say_their_truth_and_the_command_what_they_lack(tmp_path):
    net, table = tmp_path / "net.npz", tmp_path / "data.csv"
    told = [*REPORT, "--save-net", net, "--save-sample", table]
    found, shown = done(tmp_path, "report", *told, "--truth", "half-space e2 0.1")
    assert shown.stderr == ""
    audit, _ = done(tmp_path, "audit", "audit", net, table, "--no-figure")
    assert audit["clean_error"]["value"] == found["clean_error"]["value"]
    assert (audit["p"], audit["sample_facts"]["truth"]) == (0.1, "half-space 0,1,0 0.1")
    _, shown = done(tmp_path, "report", *told)
    assert "holds X and y alone: pass --p 0.1 to an audit" in " ".join(shown.stderr.split())
