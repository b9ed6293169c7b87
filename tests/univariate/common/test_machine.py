"""Machines as users have them: no place for a cache, forks, threads, narrow screens."""

import io
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from rich.console import Console

from univariate import Sample, draw_sample, max_margin
from univariate.common import check, work
from univariate.common.spelled import PLAINLY
from univariate.report.finding import certain
from univariate.report.report import build_report
from univariate.report.screens.terminal import render

NETS = "v, w, b = np.random.default_rng(0).normal(size=(3, 400, 20))"


def fresh(code, **environment):
    """Run code in a fresh interpreter."""
    lines = "import os, sys, threading\nimport numpy as np\nimport univariate\n"
    return subprocess.run(
        [sys.executable, "-c", lines + textwrap.dedent(code)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def kernels(tmp_path):
    """A module with two kernels, compiled within a second, and an empty folder for their cache."""
    text = "from univariate.common.jit import kernel\n"
    for name in ("one", "two"):
        text += f"\n@kernel\ndef {name}(x):\n    return x + 1.0\n"
    (tmp_path / "mine.py").write_text(text)
    (tmp_path / "cache").mkdir()
    places = {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    return places | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}


CALL = "import mine; print(mine.one(1.0), mine.two(2.0))"


def test_without_a_place_for_a_cache_kernels_compile_and_one_line_says_so(kernels):
    code = f"""
    from numba.core import caching
    def nowhere(*_):
        raise OSError("read-only file system")
    caching._CacheLocator.ensure_cache_path = nowhere
    {CALL}
    """
    done = fresh(code, **kernels)
    assert done.stdout.split() == ["2.0", "3.0"], done.stderr
    assert done.stderr.count("set NUMBA_CACHE_DIR to a folder that can be written to") == 1


def test_a_cache_on_a_full_disk_costs_one_line_and_not_the_run(kernels):
    code = f"""
    from numba.core import caching
    def full(*_):
        raise OSError(28, "No space left on device")
    caching.IndexDataCacheFile.save = full
    {CALL}
    """
    done = fresh(code, **kernels)
    assert done.stdout.split() == ["2.0", "3.0"], done.stderr
    assert done.stderr.count("No space left on device") == 1


def test_a_damaged_cache_is_no_cache(kernels, tmp_path):
    assert fresh(CALL, **kernels).stdout.split() == ["2.0", "3.0"]
    files = [*tmp_path.rglob("*.nbi"), *tmp_path.rglob("*.nbc")]
    assert len(files) == 4
    for path in files:
        path.write_bytes(path.read_bytes()[:20])
    done = fresh(CALL, **kernels)
    assert done.stdout.split() == ["2.0", "3.0"], done.stderr


def test_an_interrupt_while_a_kernel_is_kept_is_not_lost(kernels):
    """Python raises what is pressed within C code as the cause of a SystemError."""
    code = f"""
    from numba.core import caching
    def pressed(*_):
        raise SystemError("returned a result with an exception set") from KeyboardInterrupt()
    caching.IndexDataCacheFile.save = pressed
    try:
        {CALL}
    except KeyboardInterrupt:
        print("stopped")
    """
    done = fresh(code, **kernels)
    assert done.stdout.split() == ["stopped"], done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("layer", ["workqueue", "omp"])
def test_a_fork_after_a_parallel_kernel_neither_hangs_nor_dies(layer):
    code = f"""
    {NETS}
    before = univariate.clean_errors(v, w, b)
    child = os.fork()
    if child == 0:
        same = np.array_equal(univariate.clean_errors(v, w, b), before)
        os._exit(0 if same else 7)
    print(os.waitpid(child, 0)[1], np.array_equal(univariate.clean_errors(v, w, b), before))
    """
    done = fresh(code, NUMBA_THREADING_LAYER=layer, NUMBA_NUM_THREADS="2")
    if "No threading layer could be loaded" in done.stderr:
        pytest.skip(f"no {layer} here")
    assert done.stdout.split() == ["0", "True"], done.stderr


def test_kernels_from_several_threads_under_the_least_layer():
    code = f"""
    {NETS}
    before = univariate.clean_errors(v, w, b)
    same = []
    def work():
        for _ in range(20):
            same.append(np.array_equal(univariate.clean_errors(v, w, b), before))
    threads = [threading.Thread(target=work) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(len(same), all(same))
    """
    done = fresh(code, NUMBA_THREADING_LAYER="workqueue", NUMBA_NUM_THREADS="2")
    assert done.stdout.split() == ["120", "True"], done.stderr


def killed(job):
    os.kill(os.getpid(), 9) if job == 2 else None
    return job


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_worker_that_the_system_kills_is_one_line():
    with pytest.raises(ChildProcessError, match="finished runs are kept, the same command goes on"):
        list(work.results(range(8), killed, n_jobs=2))


@pytest.mark.parametrize("width", [30, 40, 60, 71, 72, 100])
def test_the_headline_number_is_whole_on_any_screen(width):
    sample = draw_sample(30, 0.2, rng=0)
    best = max_margin(sample)
    report = build_report(best.net, sample, optimum=best)
    screen = Console(width=width, file=io.StringIO())
    with screen.capture() as shown:
        screen.print(render(report))
    words = " ".join(shown.get().split())
    assert certain(report.clean_error) in words
    assert "…" not in words  # nothing is cut
    assert "x uniform on [0, 1]" in words


def test_what_stands_for_a_character_is_ascii():
    assert all(text.isascii() and text for text in PLAINLY.values())


def test_messages_show_plain_numbers():
    with pytest.raises(ValueError, match="got -1;"):
        check.count("m", np.int64(-1))
    with pytest.raises(ValueError, match=r"got x\[0\] = 0.5 before x\[1\] = 0.25"):
        Sample(np.array([0.5, 0.25]), np.array([1.0, 1.0]))


@pytest.mark.parametrize("n_jobs", [10**5, 10**30])
def test_processes_beyond_the_machine_are_refused(n_jobs):
    # 99,999 of them kept two processors busy for ten minutes, and none finished
    with pytest.raises(ValueError, match=r"^`n_jobs` must be at most \d+ on this machine of \d+"):
        work.processes(n_jobs)
    assert work.processes(64) == 64
