"""Digests of functions: what they hold besides data, as objects of any class, and functions that
classes and functions were given.
"""

import json
import linecache
import subprocess
import sys
import textwrap
import types

import numpy as np
import pytest

from univariate.common.digests.digest import difference
from univariate.common.digests.function_digest import meaning
from univariate.common.digests.parts import parts
from univariate.common.fingerprint import UNKNOWN


def loaded(folder, text):
    """Return the module of a text, as the command line runs it."""
    path = folder / "mine.py"
    path.write_text(text)
    module = types.ModuleType("_mine")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    exec(compile(text, str(path), "exec"), vars(module))
    return module


def of_changed(folder, text, change):
    """Return the digest of `train` where other lines were run than the text has: by a command line
    or a cell.
    """
    module = loaded(folder, text)
    exec(change, vars(module))
    return meaning(module.train)


BASE = """
import functools
from collections import namedtuple
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import partial
from types import ModuleType, SimpleNamespace
import numpy as np
import univariate

class Kind(Enum):
    A = 1
    B = 2

class Own:
    def __init__(self, k):
        self.k = k
        self._inner = [k]

@dataclass
class Record:
    k: int

def one(*given):
    return 1

def two(*given):
    return 2

class Net:
    class Inner:
        k = 0
    act = one
    own = Own(0)

    def run(self):
        return 0

    @staticmethod
    def still():
        return 0

    @property
    def width(self):
        return 0

Pair = namedtuple("Pair", "k", defaults=[0])
Made = type("Made", (), {"k": 0})

@functools.singledispatch
def chosen(value):
    return 0

@functools.lru_cache
def kept():
    return kept.k

bound = partial(one, 3)
by_hand = ModuleType("by_hand")
options = SimpleNamespace(rule=None)

def train(sample):
    return Net, Kind, Pair, Made, chosen, train, kept(), bound, by_hand.k, options
"""

VALUES = [
    "Own(K)",
    "Record(K)",
    "SimpleNamespace(_k=K)",
    "[one, two][K - 1]",
    "partial(one, K)",
    "Kind(K)",
    "Fraction(K, 3)",
    "range(K)",
    "[{'a': (Own(K),)}]",
    "[Own, Record][K - 1]",
    "[np.sin, np.cos][K - 1]",
    "[univariate.NearestNeighbours, univariate.Rule][K - 1]",
    "K",
]
PLACES = ["Net.k", "Net._k", "Net.Inner._k", "Net.run.k", "train.k", "train._k", "options._k"]
OTHERS = [
    "Net.act = [one, two][K - 1]",
    "Net.own._inner.append(K)",
    "Net.run = [one, two][K - 1]",
    "Net.still = staticmethod([one, two][K - 1])",
    "Net.width = property([one, two][K - 1])",
    "Net.__init__ = [one, two][K - 1]",
    "Net.__call__ = [one, two][K - 1]",
    "kept.k = K",
    "Kind.A.k = K",
    "Pair = namedtuple('Pair', 'k', defaults=[K])",
    "Made = type('Made', (), {'k': K})",
    "Made.k = Own(K)",
    "chosen.register(int, [one, two][K - 1])",
    "bound.k = K",
    "by_hand.k = K",
]


@pytest.mark.parametrize(
    "change",
    [f"{holder}.k = {value}" for holder in ("Net", "train") for value in VALUES]
    + [f"{place} = Own(K)" for place in PLACES]
    + OTHERS,
)
def test_what_classes_and_functions_were_given(tmp_path, change):
    one, again, two = (of_changed(tmp_path, BASE, f"K = {k}\n{change}") for k in (1, 1, 2))
    assert UNKNOWN not in {one, two}
    assert one == again
    assert difference(one, two) == "a value that it uses"


def test_what_is_changed_while_a_function_runs_is_its_state(tmp_path):
    """Also where only what was given changes it."""
    text = (
        "class Log:\n    def __init__(self):\n        self.lines = []\n\n"
        "class Net:\n    def run(self):\n        return 1\n\n"
        "def run(net):\n    Net._calls += 1\n    Net.log.lines.append(1)\n    return 2\n\n"
        "Net._calls = 0\nNet.log = Log()\nNet.run = run\n\n"
        "def train(sample):\n    train.last = Net()\n    return Net().run()\n\n"
        "train.last = None\n"
    )
    before = meaning(loaded(tmp_path, text).train)
    assert of_changed(tmp_path, text, "train(1)") == before
    assert difference(before, of_changed(tmp_path, text, "Net.k = Log"))


FOREIGN = {
    "datetime": "datetime.date(2020, 1, K)",
    "re": "re.compile('a' * K)",
    "collections": "collections.deque([K])",
    "collections as c": "c.defaultdict([int, list][K - 1])",
    "statistics": "statistics.NormalDist(0, K)",
    "operator": "operator.attrgetter('a' * K)",
    "string": "string.Template('$a' * K)",
    "array": "array.array('d', [K])",
    "scipy.stats": "scipy.stats.beta(2, K)",
    "scipy.stats as st": "st.gaussian_kde([0.0, 1.0, 4.0 + K])",
    "scipy.interpolate": "scipy.interpolate.CubicSpline([0, 1, 2], [0, K, 0])",
    "scipy.sparse": "scipy.sparse.csr_matrix([[K, 0], [0, 2.0]])",
    "scipy.spatial": "scipy.spatial.KDTree([[1.0], [1.0 + K]])",
    "functools": "functools.partialmethod(int, K)",
    "io": "memoryview(b'a' * K)",
    "os": "bytearray(b'a' * K)",
    "numpy as np": "np.vectorize([abs, len][K - 1])",
    "numpy.polynomial as p": "p.Polynomial([1, K])",
    "numpy.ma as m": "m.array([1.0, 2.0], mask=[K == 1, False])",
    "scipy.interpolate as a": "a.make_interp_spline([0, 1, 2, 3], [0, K, 0, 1])",
    "scipy.interpolate as b": "b.UnivariateSpline([0, 1, 2, 3], [0, K, 0, 1])",
    "scipy.interpolate as c": "c.RegularGridInterpolator(([0, 1, 2],), [0.0, K, 0.0])",
    "scipy.stats as d": "d.Normal(mu=K)",
    "scipy.signal as s": "s.lti([1.0], [1.0, K])",
}
USES = {
    "statistics": "it.cdf(0.0); it.samples(2)",
    "scipy.stats": "it.cdf(0.3); it.rvs(3); it.mean()",
    "scipy.stats as st": "it(0.0); it.resample(3)",
    "scipy.interpolate": "it(0.5); it.derivative()",
    "numpy.ma as m": "it.filled(); it.mean(); it.fill_value",
    "scipy.interpolate as a": "it(0.5); it.derivative(); it.integrate(0, 1); it.antiderivative()",
    "scipy.interpolate as b": "it(0.5); it.roots(); it.get_residual(); it.integral(0, 1)",
    "scipy.interpolate as c": "it([0.5]); it([[0.1]], method='nearest')",
    "scipy.stats as d": "it.cdf(0.3); it.mean(); it.sample(3, rng=1); it.kurtosis(); it.entropy()",
    "scipy.signal as s": "it.step(); it.bode(); it.impulse(); it.poles; it.to_ss()",
    "scipy.sparse": "it.T; it.sum(); it @ it",
    "numpy as np": "it([-1]) if it.pyfunc is abs else None",
}
HOLDING = """
from functools import partial
from types import SimpleNamespace

def f(sample, it):
    return it

def train(sample):
    return f(sample, it)
"""
WAYS = ["", "train = partial(f, it=it)", "it = SimpleNamespace(it=[it])", "f.it = it; it = 0"]


def made(name, k, way=""):
    return f"K = {k}\nimport {name}\nit = {FOREIGN[name]}\n{way}\n"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", FOREIGN)
def test_objects_of_foreign_classes_are_what_they_are_made_of(tmp_path, name, way):
    before = of_changed(tmp_path, HOLDING, made(name, 1, way))
    assert before == of_changed(tmp_path, HOLDING, made(name, 1, way)) != UNKNOWN
    assert difference(before, of_changed(tmp_path, HOLDING, made(name, 2, way)))
    if name in USES:
        used = made(name, 1) + USES[name] + f"\n{way}"
        assert of_changed(tmp_path, HOLDING, used) == before


def test_another_process_finds_the_same_objects(tmp_path):
    (tmp_path / "holding.py").write_text(HOLDING)
    code = textwrap.dedent("""
        import json, random, sys
        order, makers = json.loads(sys.argv[1])
        import holding
        from univariate.common.digests.function_digest import meaning
        found = {}
        for name in order:
            exec(makers[name], vars(holding))
            found[name] = meaning(holding.train)
        print(json.dumps(found, sort_keys=True))
    """)
    makers = {name: made(name, 1) for name in FOREIGN}
    found = [
        subprocess.run(
            [sys.executable, "-B", "-c", code, json.dumps([order, makers])],
            cwd=tmp_path,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, order in (("1", [*FOREIGN]), ("2", [*FOREIGN][::-1]))
    ]
    assert found[0] == found[1]
    assert len(json.loads(found[0])) == len(FOREIGN)


@pytest.mark.parametrize(
    "value",
    [
        "random.Random(3)",
        "random.Random(3).random",
        "np.random.default_rng(3)",
        "np.random.rand",
        "threading.Lock()",
        "iter([1, 2, 3])",
        "itertools.count()",
        "datetime.datetime.now()",
        "uuid.uuid4()",
        "scipy.stats.qmc.Sobol(1)",
        "object()",
        "ctypes.CDLL(None)",
        "threading.current_thread()",
        "logging.getLogger('of this test')",
        "unittest.mock.MagicMock()",
        "os.environ",
    ],
)
def test_what_differs_with_every_use_or_process_counts_by_its_type(tmp_path, value, monkeypatch):
    lines = "import ctypes, datetime, itertools, logging, os, random, threading, uuid\n"
    lines += "import scipy.stats, unittest.mock, numpy as np\n"
    lines += f"it = {value}\nuse = getattr(it, 'random', it)\n"
    before = of_changed(tmp_path, HOLDING, lines)
    monkeypatch.setenv("A_VARIABLE_OF_THIS_TEST", "1")
    after = of_changed(
        tmp_path, HOLDING, lines + "callable(use) and use(*[1] * ('qmc' in str(it)))"
    )
    assert before == after != UNKNOWN


def test_an_estimator_is_its_parameters_and_not_what_it_was_fitted_to(tmp_path):
    pytest.importorskip("sklearn")
    lines = (
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import Normalizer\n"
        "from sklearn.svm import SVC\nit = make_pipeline(Normalizer(), SVC(C=2))\n"
        "train = partial(f, it=it)\n"
    )
    before = of_changed(tmp_path, HOLDING, lines)
    fitted = lines + "it.fit([[0, 1], [1, 0]], [0, 1])"
    assert of_changed(tmp_path, HOLDING, fitted) == before
    other = of_changed(tmp_path, HOLDING, lines.replace("C=2", "C=3"))
    assert difference(before, other) == "a value that it uses"


class Table:
    """As pandas and polars have them."""

    columns = ("dose", "response")

    def to_numpy(self):
        return np.eye(2)


def test_a_table_is_its_numbers_and_names():
    numbers, names = parts(Table())
    assert numbers.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert names == ["dose", "response"]
