"""Streams that are closed or full, and Ctrl-C before the work: one line and a code."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import univariate
from univariate.common.program import BAD_INPUT, INTERRUPTED

pytestmark = pytest.mark.skipif(os.name != "posix", reason="streams are closed otherwise here")

CLOSED = "error: standard output cannot be written: Bad file descriptor; it is closed, send it"
FULL = "error: standard output cannot be written: No space left on device; make room"
REPORT = "report --m 6 --no-figure"


def shell(folder, line, program="univariate"):
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec '{sys.executable}' -m {program} {line}"],
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(univariate.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stderr.strip()


@pytest.mark.parametrize("line", [REPORT, f"{REPORT} --json -", "--version", "--help"])
def test_a_closed_stdout_is_one_line(tmp_path, line):
    code, stderr = shell(tmp_path, f"{line} >&-")
    assert code == BAD_INPUT
    assert stderr.startswith(CLOSED)
    assert len(stderr.splitlines()) == 1
    assert (tmp_path / "report.json").exists() == (line == REPORT)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("program", ["univariate", "highdim"])
def test_a_full_disk_is_one_line(tmp_path, program):
    for line in ("--version", "--help", ""):
        assert shell(tmp_path, f"{line} > /dev/full", program) == (BAD_INPUT, FULL)
    assert shell(tmp_path, f"{REPORT.replace('6', '0')} 2> /dev/full", program)[0] == BAD_INPUT


def test_what_writes_nothing_needs_no_streams(tmp_path):
    assert shell(tmp_path, f"{REPORT} --quiet <&- >&- 2>&-") == (0, "")
    assert (tmp_path / "report.json").read_text().startswith("{")


@pytest.mark.parametrize("program", ["univariate", "highdim"])
def test_ctrl_c_while_packages_load_is_one_line(program):
    """The first import of the command's own module is held until the signal has come."""
    hold = (
        "import sys, time, signal\n"
        "class Hold:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer':\n"
        "            print('loading', flush=True)\n"
        "            time.sleep(60)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.meta_path.insert(0, Hold())\n"
        f"from {program}.cli import main\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "loading\n"
        time.sleep(0.1)
        child.send_signal(signal.SIGINT)
        _, stderr = child.communicate(timeout=60)
    assert (child.returncode, stderr) == (INTERRUPTED, "interrupted\n")
