"""Makers that draw from global random states: rows depend on their keys alone."""

import os
import random
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import univariate as u
from univariate.common.random_states import seeded

GRID = ([20, 30], [0.1, 0.3], range(3))


def net(value):
    """A net whose clean error tells a value in [0, 1]."""
    return u.ReluNet([1.0], [1.0], [-float(value)])


def of_numpy(sample):
    return net(np.random.rand())  # noqa: NPY002


def of_numpy_normal(sample):
    return net(abs(np.random.normal(size=3)[2]) / 9)  # noqa: NPY002


def of_python(sample):
    return net(random.random())


def of_torch(sample):
    import torch

    return net(torch.rand(()))


MAKERS = {"numpy": of_numpy, "normal": of_numpy_normal, "python": of_python}


def found(rows):
    return {(row.m, row.p, row.seed, row.rule): row.clean_error for row in rows}


def states():
    return random.getstate(), repr(np.random.get_state(legacy=False))  # noqa: NPY002


@pytest.mark.parametrize("torch", [False, True], ids=["without", "with"])
def test_rows_do_not_depend_on_order_processes_and_restarts(tmp_path, torch):
    makers = MAKERS
    if torch:
        pytest.importorskip("torch")
        makers = MAKERS | {"torch": of_torch}
    compare = u.compare  # whose modules load now: rich draws where it is imported
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    np.random.normal()  # noqa: NPY002 (which keeps another one for later)
    before = states()
    whole = found(compare(makers, *GRID, tmp_path / "one.csv"))
    assert states() == before
    assert len(set(whole.values())) == len(whole) == 12 * len(makers)
    random.seed(2)
    np.random.seed(2)  # noqa: NPY002
    assert found(u.compare(makers, *GRID, tmp_path / "two.csv", n_jobs=2)) == whole
    again = tmp_path / "again.csv"
    list(u.compare(dict(reversed(makers.items())), [30], [0.3], [2, 1], again))
    assert found(u.compare(makers, *GRID, again)) == whole


def test_states_of_torch_are_put_back():
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    before = torch.get_rng_state()
    drawn = []
    for key in (1, "a"), (1, "a"), (2, "a"):
        with seeded(key):
            drawn.append(torch.rand(3).tolist())
    assert drawn[0] == drawn[1] != drawn[2]
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.initial_seed() == 5


def test_torch_that_is_imported_by_a_run_is_seeded_too():
    pytest.importorskip("torch")
    code = textwrap.dedent("""
        import sys
        from univariate.common.random_states import seeded
        assert "torch" not in sys.modules
        finders = list(sys.meta_path)
        seeds = set()
        def draw(key):
            with seeded((key,)):
                import torch
                seeds.add(torch.initial_seed())
                return torch.rand(3).tolist()
        one, two, again = draw(1), draw(2), draw(1)
        import torch
        assert one == again != two
        assert sys.meta_path == finders
        assert len(seeds) == 2 and torch.initial_seed() not in seeds
    """)
    subprocess.run([sys.executable, "-c", code], check=True)


DRAWING = """
import random
import numpy as np
random.seed(0)
np.random.seed(0)
DRAWN = random.random(), np.random.rand()
"""


@pytest.mark.parametrize("torch", [False, True], ids=["without", "with"])
def test_what_is_imported_by_a_run_moves_no_state(tmp_path, torch):
    """A module is run once in a process: the first run there would have another row."""
    more = "import torch\ntorch.manual_seed(0)\n" if torch else ""
    if torch:
        pytest.importorskip("torch")
    (tmp_path / "inner_drawing.py").write_text(DRAWING + more)
    (tmp_path / "drawing.py").write_text(f"import inner_drawing\n{DRAWING}")
    (tmp_path / "failing.py").write_text(f"{DRAWING}1 / 0\n")
    code = textwrap.dedent("""
        import random, sys
        import numpy as np
        from univariate.common.random_states import seeded
        finders = list(sys.meta_path)
        def draw(key):
            with seeded((key,)):
                try:
                    import failing
                except ZeroDivisionError:
                    pass
                import drawing
                torch = sys.modules.get("torch")
                one = None if torch is None else torch.rand(3).tolist()
                return random.random(), np.random.rand(), one
        before = random.getstate(), repr(np.random.get_state())
        one, two, again = draw(1), draw(2), draw(1)
        assert one == again and not {*one[:2]} & {*two[:2]}
        assert one[2] is None or one[2] != two[2]
        assert (random.getstate(), repr(np.random.get_state())) == before
        assert sys.meta_path == finders
        loaders = [module.__loader__ for module in (sys.modules["drawing"], np)]
        assert not any("exec_module" in vars(loader) for loader in loaders)
    """)
    path = ":".join([str(tmp_path), *sys.path])
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": path})


def test_a_generator_of_ones_own_choice_stays():
    before = np.random.get_bit_generator()
    np.random.set_bit_generator(np.random.PCG64(3))
    try:
        with seeded((1,)):
            np.random.rand()  # noqa: NPY002
    finally:
        np.random.set_bit_generator(before)


def test_states_are_put_back_after_errors():
    before = states()
    with pytest.raises(TypeError), seeded(("a", 1)):
        random.sample(random.random(), 1)
    assert states() == before


def slow(sample):
    time.sleep(0.005)  # other threads go on
    return of_numpy(sample)


def test_threads_make_the_rows_of_one(tmp_path):
    makers = {"slow": slow, "again": slow}
    whole = found(u.compare(makers, *GRID, tmp_path / "whole.csv"))
    before = states()
    grids = [([m], [p], GRID[2]) for m in GRID[0] for p in GRID[1]]
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(
            lambda k: found(u.compare(makers, *grids[k], tmp_path / f"{k}.csv")), range(4)
        )
        assert {key: error for part in parts for key, error in part.items()} == whole
    assert states() == before


def test_one_state_within_another():
    drawn = []
    for inner in (False, True):
        with seeded(("a",)):
            if inner:
                with seeded(("b",)):
                    random.random()
            drawn.append(random.random())
    assert drawn[0] == drawn[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks there")
def test_a_fork_does_not_wait_for_a_thread_that_it_has_not():
    code = textwrap.dedent("""
        import os, signal, threading, warnings
        from univariate.common.random_states import seeded
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        inside, over = threading.Event(), threading.Event()
        def hold():
            with seeded(("thread",)):
                inside.set()
                over.wait()
        thread = threading.Thread(target=hold)
        thread.start()
        inside.wait()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            with seeded(("fork",)):
                os._exit(0)
        status = os.waitpid(child, 0)[1]
        over.set()
        thread.join()
        assert status == 0
    """)
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
