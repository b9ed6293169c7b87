"""What a comparison cannot know of a maker is said: generators that go on, what it reads."""

import linecache
import os
import random
import types
import warnings
from functools import partial

import numpy as np
import pytest

import univariate as u
from univariate.common.digests.function_digest import meaning_of

NET = u.ReluNet([1.0], [0.0], [1.0])
RNG = np.random.default_rng(0)
DRAW = RNG.normal
SHIFT = RNG.normal()
GRID = ([20], [0.1], [0])


class Trainer:
    def __init__(self, rng):
        self.rng = rng

    def __call__(self, sample):
        self.rng.shuffle(np.zeros(3))
        return NET


def of_global(sample):
    RNG.shuffle(np.zeros(3))
    return NET


def of_method(sample):
    DRAW()
    return NET


def of_default(sample, generator=random.Random(0)):  # noqa: B008
    generator.random()
    return NET


def of_rng(sample, rng=np.random.default_rng(0)):  # noqa: B008
    rng.normal()
    return NET


def of_states(sample):
    random.random()
    np.random.rand()  # noqa: NPY002
    return NET


def of_own(sample, rng):
    inner = np.random.default_rng(rng.integers(9))
    return u.ReluNet([1.0], [0.0], [1.0 + SHIFT * inner.random()])


def of_closure(generator):
    return lambda sample: (generator.random(), NET)[1]


HOLDING = {
    "global": (of_global, "RNG"),
    "method": (of_method, "DRAW"),
    "default": (of_default, "generator"),
    "closure": (of_closure(np.random.RandomState(0)), "generator"),
    "object": (Trainer(np.random.default_rng(0)), "rng"),
    "partial": (partial(of_own, rng=1) and partial(of_default, generator=RNG), "Generator"),
}


@pytest.mark.parametrize("name", HOLDING)
def test_generators_that_go_on_from_run_to_run_are_told_once(tmp_path, name):
    maker, held = HOLDING[name]
    with pytest.warns(UserWarning, match=rf"'mine' holds .*, {held}\b.* a parameter `rng`") as told:
        list(u.compare({"mine": maker}, [20], [0.1], range(3), tmp_path / "rows.csv"))
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is left to run
        list(u.compare({"mine": maker}, [20], [0.1], range(3), tmp_path / "rows.csv"))


def test_a_generator_of_torch_is_told(tmp_path):
    torch = pytest.importorskip("torch")
    generator = torch.Generator()

    def mine(sample):
        torch.rand(1, generator=generator)
        return NET

    with pytest.warns(UserWarning, match="'mine' holds a generator of random numbers, generator,"):
        list(u.compare({"mine": mine}, *GRID, tmp_path / "rows.csv"))


@pytest.mark.parametrize(
    "maker", [of_rng, partial(of_rng, rng=RNG), of_states, of_own, u.NearestNeighbours]
)
def test_what_every_run_has_of_its_own_is_not_told(tmp_path, maker):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            list(u.compare({"mine": maker}, *GRID, tmp_path / "rows.csv"))


def loaded(folder, body, top=""):
    """Return `train` of a module of these lines."""
    path = folder / "mine.py"
    path.write_text(f"import univariate as u\n{top}\n\ndef train(sample):\n    {body}\n")
    module = types.ModuleType("_mine")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    exec(compile(path.read_text(), str(path), "exec"), vars(module))
    return module.train


READING = [
    ("os.environ.get('A')", "import os", "os.environ"),
    ("os.getenv('A')", "import os", "os.getenv"),
    ("environ['A']", "from os import environ", "environ"),
    ("ask('A')", "from os import getenv as ask", "ask"),
    ("open('a').read()", "", "open"),
    ("(Path('a') / 'b').read_text()", "from pathlib import Path", "read_text"),
    ("np.load('a')", "import numpy as np", "np.load"),
    ("import torch; torch.load('a')", "", "torch.load"),
    ("json.load(file)", "import json", "json.load"),
    ("yaml.safe_load(open('a'))", "", "open"),
    ("pd.read_csv('a')", "", "pd.read_csv"),
    ("from os import environ as e; e['A']", "", "environ"),
    ("sys.argv[1]", "import sys", "sys.argv"),
    ("s.argv[1]", "import sys as s", "s.argv"),
    ("import sys; sys.argv[1]", "", "sys.argv"),
    ("from sys import argv as a; a[1]", "", "argv"),
    ("sys.orig_argv[-1]", "import sys", "sys.orig_argv"),
    ("P.parse_args().k", "import argparse\nP = argparse.ArgumentParser()", "P.parse_args"),
    ("argparse.ArgumentParser().parse_known_args()", "import argparse", "parse_known_args"),
    ("inner()", "def inner():\n    return open('a')", "open"),
    ("Own().run()", "class Own:\n    def run(self):\n        return open('a')", "open"),
]
NOT_READING = [
    ("load()", "def load():\n    return 1"),
    ("json.loads('1'); net.load_state_dict({})", "import json"),
    ("load = 1; load", ""),
    ("VALUE", "import os\nVALUE = os.environ.get('A', 'b')"),
    ("O.argv", "from types import SimpleNamespace\nO = SimpleNamespace(argv=[1])"),
    ("argv[1]", "from sys import argv"),  # its words are compared
    ("P.parse_args(['1'])", "import argparse\nP = argparse.ArgumentParser()"),
    ("P.parse_args(args=['1'])", "import argparse\nP = argparse.ArgumentParser()"),
    ("Own().parse_args()", "class Own:\n    def parse_args(self):\n        return 1"),
    ("Own().load()", "class Own:\n    def load(self):\n        return self.load"),
]


@pytest.mark.parametrize(("body", "top", "name"), READING)
def test_names_of_what_reads_from_outside(tmp_path, body, top, name):
    assert name in meaning_of(loaded(tmp_path, body, top)).reading


@pytest.mark.parametrize(("body", "top"), NOT_READING)
def test_names_of_what_does_not(tmp_path, body, top):
    assert meaning_of(loaded(tmp_path, body, top)).reading == ()


def test_rows_of_what_reads_the_environment_are_taken_with_a_warning(tmp_path, monkeypatch):
    monkeypatch.setenv("SHIFT_OF_THIS_TEST", "0")

    def mine(sample):
        return u.ReluNet([1.0], [0.0], [1.0 - float(os.environ["SHIFT_OF_THIS_TEST"])])

    store = tmp_path / "rows.csv"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no rows of before, or none that is asked for
        list(u.compare({"mine": mine}, [20], [0.1], [0], store))
        list(u.compare({"mine": mine}, [20], [0.2], [0], store))
    monkeypatch.setenv("SHIFT_OF_THIS_TEST", "2")
    with pytest.warns(UserWarning, match=r"may read .*os\.environ, whose .* 1 row of") as told:
        rows = list(u.compare({"mine": mine}, [20], [0.1], [0, 1], store))
    assert len(told) == 1
    assert [row.clean_error for row in rows] == [0.0, 1.0]
