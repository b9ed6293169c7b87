"""Both command lines on terminals of any width, on pipes, and on pipes that nobody reads."""

import os
import re
import subprocess
import sys
from itertools import pairwise

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

import highdim.cli.app
import univariate.cli.app
from univariate.common.console import can_redraw, on_terminal, working
from univariate.common.help import flowing
from univariate.common.program import BAD_INPUT, PIPE_CLOSED
from univariate.common.progress import share_bar
from univariate.common.work import progress

PAGES = {
    univariate.cli.app: ["", "report", "compare", "train", "audit"],
    highdim.cli.app: ["", "report", "audit", "sweep", "figure"],
}
HELP = [(module.app, command) for module, commands in PAGES.items() for command in commands]
NAMES = [f"{app.info.name} {command}".strip() for app, command in HELP]
REPORT = ["report", "--m", "10", "--no-figure", "--overwrite"]


def page(app, command: str, width: int) -> str:
    arguments = [*command.split(), "-h"]
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    return result.stdout


def options_in(text: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]*", text))


@pytest.mark.parametrize(("app", "command"), HELP, ids=NAMES)
@pytest.mark.parametrize("width", [40, 63, 64, 80])
def test_help_fits_and_cuts_nothing_off(app, command, width):
    shown = page(app, command, width)
    assert max(map(len, shown.splitlines())) <= width
    wide = page(app, command, 200)
    assert options_in(shown) == options_in(wide)
    assert shown.count("…") == wide.count("…")


@pytest.mark.parametrize(("app", "command"), HELP, ids=NAMES)
def test_paragraphs_of_help_break_at_the_margin_only(app, command):
    lines = [line.strip() for line in page(app, command, 80).splitlines()]
    for line, after in pairwise(lines):
        prose = line and after and not {line[0], after[0]} & set("│╭╰") and "Usage" not in line
        if prose:
            assert len(f"{line} {after.split()[0]}") > 78


@pytest.mark.parametrize(("app", "command"), HELP, ids=NAMES)
def test_help_shows_all_words_of_options(app, command):
    """What stands in brackets, as [default: 1e-8], was taken for markup and left out."""
    root = typer.main.get_command(app)
    found = root.commands[command] if command else root
    shown = "".join(page(app, command, 400).split())
    for option in found.params:
        words = (getattr(option, "help", None) or "").split()
        assert "".join(words) in shown, option.name


def test_paragraphs_flow():
    assert flowing("\n    One\n    two.\n\n    Three\n") == "One two.\n\nThree"
    assert flowing("") == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["univariate", "--help"],
        ["univariate", "--version"],
        ["univariate", *REPORT],
        ["univariate", *REPORT, "--json", "-"],
        ["highdim", "sweep", "-h"],
        ["highdim", "report", "--m", "4", "--d", "5", "--width", "6", "--flow-time", "0.1"],
    ],
    ids=" ".join,
)
def test_a_pipe_that_nobody_reads_ends_a_command_quietly(tmp_path, arguments):
    read, write = os.pipe()
    os.close(read)
    try:
        out = ["--out", str(tmp_path)] if "report" in arguments else []
        found = subprocess.run(
            [sys.executable, "-m", *arguments, *out],
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
            timeout=120,
        )
    finally:
        os.close(write)
    assert found.stderr == b""
    assert found.returncode == PIPE_CLOSED


def test_stderr_may_go_the_same_way(tmp_path):
    read, write = os.pipe()
    os.close(read)
    line = [sys.executable, "-m", "univariate", "audit", "none", "none"]
    found = subprocess.run(line, stdout=write, stderr=write, check=False, cwd=tmp_path)
    os.close(write)
    assert found.returncode == PIPE_CLOSED


def test_the_backend_of_a_notebook_costs_no_figure(tmp_path):
    line = [sys.executable, "-m", "univariate", "report", "--m", "5", "-q", "--out", str(tmp_path)]
    for backend in ("module://matplotlib_inline.backend_inline", "nonsense"):
        environment = os.environ | {"MPLBACKEND": backend}
        found = subprocess.run(
            [*line, "--overwrite"], env=environment, capture_output=True, check=True
        )
        assert (found.stdout, found.stderr) == (b"", b"")
        (tmp_path / "report.png").unlink()


def test_nor_does_it_keep_a_script_from_running():
    line = [sys.executable, "-m", "benchmarks.figure_3", "--help"]
    environment = os.environ | {"MPLBACKEND": "nonsense"}
    found = subprocess.run(line, env=environment, capture_output=True, check=True)
    assert found.stderr == b""


@pytest.mark.parametrize("threads", ["0", "-1", "many"])
def test_a_number_of_threads_that_is_none_is_said_by_its_name(tmp_path, threads):
    line = [sys.executable, "-m", "univariate", "report", "--m", "5", "--out", str(tmp_path / "a")]
    environment = os.environ | {"NUMBA_NUM_THREADS": threads}
    found = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == BAD_INPUT
    (said,) = found.stderr.splitlines()
    assert f"NUMBA_NUM_THREADS must be a positive integer, got {threads!r}; unset it" in said
    assert not list(tmp_path.iterdir())


def test_colours_in_a_pipe_are_no_terminal_to_redraw_lines_on(monkeypatch, capfd):
    monkeypatch.setenv("FORCE_COLOR", "1")
    forced = Console(stderr=True)
    assert forced.is_terminal
    assert not can_redraw(forced)
    assert not on_terminal()
    with working("Solving"), share_bar(True, lambda: (0.5, "half")) as show:
        show()
    with progress(forced, total=1.0, done=0, runs=1) as advance:
        advance(1.0)
    assert capfd.readouterr() == ("", "")
