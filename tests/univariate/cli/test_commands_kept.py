"""The command that a JSON document keeps gives the same document in the folder where it was typed,
and says which of several files by one name it was about.
"""

import json
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import highdim
import highdim.cli.app
import univariate.cli.app
from univariate import ReluNet, draw_sample
from univariate.common.program import command_line

PROGRAMS = {"univariate": univariate.cli.app.app, "highdim": highdim.cli.app.app}
NETS = {
    "line/a/net.npz": ReluNet([1.0, 1.0], [1.0, -1.0], [0.5, 2.0]),
    "line/b/net.npz": ReluNet([2.0, 1.0], [1.0, -1.0], [0.5, 2.0]),
    "-a.npz": ReluNet([1.0, 1.0], [1.0, -1.0], [0.5, 2.0]),
    "sphere/a/net.npz": highdim.TwoLayerNet([1.0, -1.0], [[1, 0, 0], [0, 1, 0]], [2.0, 0.5]),
    "sphere/b/net.npz": highdim.TwoLayerNet([1.0, -2.0], [[1, 0, 0], [0, 1, 0]], [2.0, 0.5]),
}
COMMANDS = {
    "univariate audit": ["line/{}/net.npz", "line/s.csv", "--p", 0.2],
    "univariate train": ["--net", "line/{}/net.npz", "--data", "line/s.csv", "--steps", 3],
    "highdim audit": ["sphere/{}/net.npz", "sphere/s.npz", "--rng", 3],
    "highdim report": [
        *("--m", 6, "--d", 3, "--width", 4, "--flow-time", 1),
        *("--truth", "sphere/{}/net.npz"),
    ],
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    for name, net in NETS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        net.save(tmp_path / name)
    draw_sample(6, 0.2, rng=0).save(tmp_path / "line" / "s.csv")
    highdim.draw_sphere_sample(6, 3, 0.2, rng=0).save(tmp_path / "sphere" / "s.npz")
    monkeypatch.chdir(tmp_path)


def document(command: str, name: str) -> dict:
    program, *arguments = shlex.split(command)
    options = ["--json", f"{name}.json", "--out", name, "--no-figure"]
    done = CliRunner().invoke(PROGRAMS[program], [*arguments, *options])
    assert done.exit_code == 0, done.output
    found = json.loads(Path(f"{name}.json").read_text(encoding="utf-8"))
    return {key: value for key, value in found.items() if key != "seconds"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_kept_gives_the_same_again(here, name):
    found = []
    for run in ("a", "b"):
        typed = [str(one).format(run) for one in COMMANDS[name]]
        found.append(document(shlex.join([*name.split(), *typed]), run))
        command = found[-1]["origin"]["command"]
        assert {one for one in typed if "/" in one} <= set(shlex.split(command))
        assert document(command, f"again-{run}") == found[-1]
    assert found[0]["origin"] != found[1]["origin"]
    if name.endswith("audit"):
        net, data = (str(one).format("a") for one in COMMANDS[name][:2])
        assert (found[0]["origin"]["net"], found[0]["origin"]["data"]) == (net, data)
    if name.endswith("train"):
        assert found[0]["start"].startswith("line/a/net.npz, width 2")


def test_a_file_called_like_an_option_is_none(here):
    found = document("univariate audit ./-a.npz line/s.csv", "a")
    assert document(found["origin"]["command"], "again") == found
    assert command_line("p", "c", {"q": None}, Path("-x")) == "p c ./-x"
