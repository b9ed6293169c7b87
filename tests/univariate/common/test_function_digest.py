"""Digests of functions: what changes a result changes them, and nothing else does."""

import ast
import doctest
import functools
import linecache
import subprocess
import sys
import textwrap
import types

import numpy as np
import pytest

import univariate as u
from univariate.common.digests.digest import difference, surroundings_differ
from univariate.common.digests.function_digest import meaning
from univariate.common.digests.members import given, in_order
from univariate.common.fingerprint import UNKNOWN

MINE = '''
"""My training."""
import functools
import random
from dataclasses import dataclass, field
from enum import Enum
import numpy as np

NEURONS = 20
OPTIONS = {"rate": 0.1, "kinks": [0.25, 0.5]}
TABLE = np.arange(3.0)
LOG = []
WORD = 5
if WORD:
    SOURCE = random.Random(WORD + 3)
COUNT = 0


class Kind(Enum):
    PLAIN = 1


@dataclass
class Recipe:
    """How."""
    steps: int = 3
    kind: Kind = Kind.PLAIN
    seen: list = field(default_factory=list)

    def run(self, x):
        self.seen.append(x)
        return self.steps * helper(x)


RECIPE = Recipe()


def helper(x):
    return x + TABLE[1]


def logged(function):
    @functools.wraps(function)
    def inner(*args):
        LOG.append(args)
        return function(*args)
    return inner


@logged
def train(sample: "Sample", scale=2.0, *, power=1) -> float:
    """Train."""
    global COUNT
    COUNT += 1
    SOURCE.random()
    total = RECIPE.run(sample) * NEURONS  # of all
    return scale * total ** power + OPTIONS["rate"]
'''


def loaded(folder, text, name="mine.py"):
    """Return the module of a text, as the command line runs it."""
    path = folder / name
    path.write_text(text)
    module = types.ModuleType("_mine")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    exec(compile(text, str(path), "exec"), vars(module))
    return module


def read(folder, text, name="mine.py"):
    return meaning(loaded(folder, text, name).train)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("NEURONS = 20", "NEURONS = 3", "value"),
        ("* NEURONS", "* 3", "definition"),
        ("0.25, 0.5", "0.25, 0.75", "value"),
        ('"rate": 0.1', '"rate": 0.2', "value"),
        ("arange(3.0)", "arange(4.0)", "value"),
        ("x + TABLE", "x - TABLE", "definition"),
        ("steps: int = 3", "steps: int = 4", "definition"),
        ("RECIPE = Recipe()", "RECIPE = Recipe(4)", "value"),
        ("LOG = []", "LOG = [1, 2]", "definition"),
        ("Random(WORD + 3)", "Random(WORD + 4)", "definition"),
        ("WORD = 5", "WORD = 6", "value"),
        ("PLAIN = 1", "PLAIN = 2", "definition"),
        ("return function(*args)", "return -function(*args)", "definition"),
        ("scale=2.0", "scale=3.0", "definition"),
        ("power=1", "power=2", "definition"),
        ("@logged\ndef train", "def train", "definition"),
    ],
)
def test_what_changes_results_is_seen(tmp_path, old, new, what):
    before = read(tmp_path, MINE)
    assert old in MINE
    now = read(tmp_path, MINE.replace(old, new))
    assert before != UNKNOWN != now
    assert what in difference(before, now)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# of all", "# of them all"),
        ('"""Train."""', '"""Train a net."""'),
        ('"""How."""', ""),
        ("scale * total ** power", "(scale\n        * total ** power)"),
        ('sample: "Sample"', "sample"),
        (") -> float", ")"),
        ("\nclass Kind", "\ndef unused(x):\n    return 3\n\n\nclass Kind"),
    ],
)
def test_what_changes_no_result_is_not(tmp_path, old, new):
    assert old in MINE
    before, now = read(tmp_path, MINE), read(tmp_path, MINE.replace(old, new), "moved.py")
    assert difference(before, now) == ""
    assert surroundings_differ(before, now) is ("unused" in new)


def test_running_changes_nothing(tmp_path):
    module = loaded(tmp_path, MINE)
    before = meaning(module.train)
    module.train(3.0)
    assert (module.COUNT, len(module.LOG), len(module.RECIPE.seen)) == (1, 1, 1)
    assert meaning(module.train) == before


def test_modules_beside_it_are_read(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    text = "import own_nets\n\n\ndef train(sample):\n    return own_nets.net(sample)\n"
    found = []
    for number in (1, 2):
        (tmp_path / "own_nets.py").write_text(f"def net(sample):\n    return {number}\n")
        linecache.checkcache()
        monkeypatch.delitem(sys.modules, "own_nets", raising=False)
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        found.append(read(tmp_path, text))
    assert "definition" in difference(*found)


def test_a_source_that_changed_since_it_was_run_is_unknown(tmp_path):
    train = loaded(tmp_path, MINE).train
    linecache.clearcache()
    (tmp_path / "mine.py").write_text(MINE.replace("scale * total", "scale + total"))
    assert meaning(train.__wrapped__) == UNKNOWN
    assert difference(UNKNOWN, read(tmp_path, MINE)) == ""


# fmt: off
LAMBDAS = (lambda x: x + 1, lambda x: [lambda y: y + 2, x], lambda x: lambda y: x + y)
# fmt: on


def test_lambdas_on_one_line_are_told_apart():
    nested = LAMBDAS[2](1), LAMBDAS[2](2)
    found = [meaning(one) for one in (*LAMBDAS, *nested)]
    assert UNKNOWN not in found
    assert len(set(found)) == 5
    assert difference(*found[-2:]) == "a value that it uses"


def made(neurons, history):
    def inner(sample):
        history.append(sample)
        return neurons

    return inner


def fitted(neurons):
    trainer = Trainer(neurons)

    def inner(sample):
        trainer.train(sample)
        return trainer.best

    return inner


class Trainer:
    def __init__(self, neurons):
        self.neurons = neurons
        self.losses = []

    def __call__(self, sample):
        self.last = sample
        self.losses.append(self.neurons)
        return self.best

    def train(self, sample):
        return self(sample)

    @functools.cached_property
    def best(self):
        return self.neurons


class Heir(Trainer):
    """What it inherits changes `losses` and `last`."""


def local(neurons):
    class Local:
        def __call__(self, sample):
            return neurons

    return Local


@pytest.mark.parametrize(
    "maker",
    [
        lambda n: made(n, []),
        lambda n: functools.partial(made(1, []), n),
        lambda n: functools.partial(made(1, []), neurons=[n, {"n": n}, {n}]),
        Trainer,
        Heir,
        fitted,
        lambda n: Trainer(n).train,
        lambda n: local(n)(),
        lambda n: functools.partial(u.NearestNeighbours, k=n),
        lambda n: functools.lru_cache(made(n, [])),
        lambda n: lambda sample: np.float64(n),
    ],
    ids=[
        "closure",
        "partial",
        "containers",
        "object",
        "heir",
        "fitted",
        "method",
        "local",
        "rule",
        "cached",
        "lambda",
    ],
)
def test_values_that_a_function_holds(maker):
    one, two = maker(1), maker(2)
    before = meaning(one)
    assert before == meaning(maker(1)) != UNKNOWN
    assert difference(before, meaning(two)) == "a value that it uses"
    if isinstance(one, Trainer | types.FunctionType | types.MethodType):
        one(3)
        assert meaning(one) == before


def test_what_contains_itself():
    values = [1]
    values.append(values)

    def recursive(n):
        return recursive(n - 1) if n else values

    assert meaning(recursive) == meaning(recursive) != UNKNOWN


@pytest.mark.parametrize(
    "function", [abs, np.sin, eval("lambda x: x")], ids=["builtin", "ufunc", "text"]
)
def test_what_has_no_definition_is_unknown(function):
    assert meaning(function) == UNKNOWN


def test_names_of_the_library_stand_for_themselves():
    assert meaning(u.NearestNeighbours) != meaning(u.NadarayaWatson) != UNKNOWN
    assert meaning(u.max_margin) != UNKNOWN


def test_examples_of_doctest_and_cells_are_read():
    text = "\n>>> found = meaning(lambda x: x)\n>>> found != ''\nTrue\n"
    example = doctest.DocTestParser().get_doctest(text, {"meaning": meaning}, "cell", None, None)
    assert doctest.DocTestRunner().run(example).failed == 0


def in_processes(tmp_path, text):
    """Return the digests of a file's maker in four processes."""
    (tmp_path / "mine.py").write_text(text)
    code = textwrap.dedent("""
        import mine
        from univariate.common.digests.function_digest import meaning
        print(meaning(mine.train))
    """)
    return {
        subprocess.run(
            [sys.executable, "-B", "-c", code],
            cwd=tmp_path,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2", "3", "4")
    }


def test_another_process_finds_the_same(tmp_path):
    assert in_processes(tmp_path, MINE) == {read(tmp_path, MINE)}


OF_SETS = """
class Layer:
    def __init__(self, inner):
        self.inner = inner

PAIRS = {frozenset("ad"), frozenset("bc"), frozenset("eh"), frozenset("gf")}
KEYS = {frozenset("ad"): 1, frozenset("bc"): 2, ("x", frozenset("gf")): 3}
LAYERS = {Layer(1), Layer(2), Layer(Layer(3)), Layer(Layer(4))}
RING = Layer(set())
RING.inner |= {Layer(RING), Layer(5), Layer(RING.inner)}

def train(sample):
    return PAIRS, KEYS, LAYERS, RING
"""


def test_members_of_sets_come_in_one_order_in_all_processes(tmp_path):
    """Sets among them are shown in the order of their hashes, and objects by their addresses."""
    before = read(tmp_path, OF_SETS)
    assert in_processes(tmp_path, OF_SETS) == {before}
    for old, new in (("gf", "gi"), ("Layer(4)", "Layer(6)"), ("Layer(5)", "Layer(7)")):
        assert difference(before, read(tmp_path, OF_SETS.replace(old, new)))


# What a first look at definitions misses, and what it should not see

HIDDEN = {
    "a dataclass": (
        "from dataclasses import dataclass\n\n@dataclass\nclass Config:\n    k: int = 1\n\n"
        "def train(sample):\n    return Config().k\n",
        ("k: int = 1", "k: int = 3"),
    ),
    "a class whose first method is wrapped elsewhere": (
        "import contextlib\n\nclass Net:\n    @contextlib.contextmanager\n    def still(self):\n"
        "        yield\n\n    def forward(self):\n        return 1\n\n"
        "def train(sample):\n    return Net().forward()\n",
        ("return 1", "return 3"),
    ),
    "an activation": (
        "import math\nfrom functools import partial\n\ndef fit(sample, f):\n    return f(1.0)\n\n"
        "train = partial(fit, f=math.sin)\n",
        ("math.sin", "math.cos"),
    ),
    "a universal function": (
        "import numpy as np\n\ndef maker(f):\n    def train(sample):\n        return f(1.0)\n"
        "    return train\n\ntrain = maker(np.sign)\n",
        ("np.sign", "np.negative"),
    ),
    "a value with the name of an attribute": (
        "class Box:\n    k = 0\n\nbox = Box()\n\ndef maker(k):\n    def train(sample):\n"
        "        box.k = 5\n        return k\n    return train\n\ntrain = maker(1)\n",
        ("maker(1)", "maker(3)"),
    ),
    "a value in a slot": (
        "class Net:\n    __slots__ = ('k',)\n\n    def __init__(self, k):\n        self.k = k\n\n"
        "    def __call__(self, sample):\n        return self.k\n\ntrain = Net(1)\n",
        ("Net(1)", "Net(3)"),
    ),
    "a method of a named tuple": (
        "from typing import NamedTuple\n\nclass Net(NamedTuple):\n    k: int\n\n"
        "    def run(self):\n        return self.k + 1\n\nnet = Net(1)\n\n"
        "def train(sample):\n    return net.run()\n",
        ("k + 1", "k + 3"),
    ),
    "an attribute of a mapping": (
        "class Options(dict):\n    pass\n\noptions = Options()\noptions.k = 1\n\n"
        "def train(sample):\n    return options.k\n",
        ("options.k = 1", "options.k = 3"),
    ),
    "a number of a class of its own": (
        "class Steps(int):\n    pass\n\nsteps = Steps(1)\n\ndef train(sample):\n    return steps\n",
        ("Steps(1)", "Steps(3)"),
    ),
    "what is set beside the fields of a dataclass": (
        "from dataclasses import dataclass\n\n@dataclass\nclass Net:\n    k: int = 1\n\n"
        "net = Net()\nnet.seed = 1\n\ndef train(sample):\n    return net.seed\n",
        ("net.seed = 1", "net.seed = 3"),
    ),
    "an attribute that a class was given": (
        "class Config:\n    k = 1\n\nConfig.k = 2\n\ndef train(sample):\n    return Config.k\n",
        ("Config.k = 2", "Config.k = 3"),
    ),
    "an attribute that a class inherits": (
        "class Base:\n    k = 1\n\nBase.k = 2\n\nclass Config(Base):\n    pass\n\n"
        "def train(sample):\n    return Config.k\n",
        ("Base.k = 2", "Base.k = 3"),
    ),
    "an entry of a mapping of a class": (
        "class Config:\n    options = {}\n\nConfig.options['k'] = 2\n\n"
        "def train(sample):\n    return Config.options['k']\n",
        ("= 2", "= 3"),
    ),
    "an attribute of the class of an object": (
        "class Net:\n    k = 1\n\n    def __call__(self, sample):\n        return self.k\n\n"
        "Net.k = 2\ntrain = Net()\n",
        ("Net.k = 2", "Net.k = 3"),
    ),
    "an attribute of a function": (
        "def train(sample):\n    return train.k\n\ntrain.k = 2\n",
        ("train.k = 2", "train.k = 3"),
    ),
    "an option of a command line": (
        "import argparse\n\nargs = argparse.Namespace(k=2)\n\n"
        "def train(sample):\n    return args.k\n",
        ("k=2", "k=3"),
    ),
    "options that are handed on": (
        "from types import SimpleNamespace\n\nargs = SimpleNamespace(net=SimpleNamespace(k=2))\n\n"
        "def fit(args):\n    return args.net.k\n\ndef train(sample):\n    return fit(args)\n",
        ("k=2", "k=3"),
    ),
    "what the body of a class computes": (
        "import numpy as np\n\nclass Config:\n    k = np.arange(3)\n\n"
        "def train(sample):\n    return Config.k[0]\n\nConfig.k[0] = 2\n",
        ("= 2", "= 3"),
    ),
}


def change_of_attributes(text: str, tmp_path, run: str) -> str:
    """Return what the digest of `train` becomes another by when some lines are run."""
    module = loaded(tmp_path, text)
    before = meaning(module.train)
    exec(run, vars(module))
    return difference(before, meaning(module.train))


LEFT_ALONE = {
    "what is changed while it runs": (
        "class Log:\n    calls = 0\n    seen = {}\n    k = 1\n\n"
        "def count():\n    Log.calls += 1\n\n"
        "def train(sample):\n    k = Log.k\n    count()\n    Log.seen[sample] = k\n"
        "    train.last = sample\n    return k\n\ntrain.last = 0\n",
        "train(3)",
        "Log.k = 2",
    ),
    "options that it does not ask for": (
        "import argparse\n\nargs = argparse.Namespace(k=2, out='a.csv')\n\n"
        "def train(sample):\n    return args.k\n",
        "args.out = 'b.csv'",
        "args.k = 3",
    ),
}


@pytest.mark.parametrize(("text", "state", "meant"), LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_attributes_that_are_not_the_meaning_of_a_function(tmp_path, text, state, meant):
    assert change_of_attributes(text, tmp_path, state) == ""
    assert "value" in change_of_attributes(text, tmp_path, meant)


def test_classes_as_they_are_written_have_the_digest_that_their_text_has(tmp_path):
    """Literals, fields and members are of the definition."""
    text = (
        "from dataclasses import dataclass\nfrom enum import IntEnum\n"
        "from typing import NamedTuple\n\n"
        "class Kind(IntEnum):\n    A = 1\n\n@dataclass\nclass Net:\n    k: int = 1\n"
        "    names: tuple = ('a', 2.0)\n\nclass Pair(NamedTuple):\n    x: float = 0.5\n\n"
        "def train(sample):\n    return Net, Pair, Kind\n"
    )
    module = loaded(tmp_path, text)
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes] == ["Kind", "Net", "Pair"]
    for node in classes:
        assert list(given(getattr(module, node.name), node)) == []


@pytest.mark.parametrize(("text", "change"), HIDDEN.values(), ids=HIDDEN)
def test_what_hides_is_seen(tmp_path, text, change):
    assert change[0] in text
    before, now = read(tmp_path, text), read(tmp_path, text.replace(*change))
    assert UNKNOWN not in {before, now}
    assert difference(before, now)
    assert before == read(tmp_path, text)


def test_a_global_with_the_name_of_a_local_or_an_attribute_is_none(tmp_path):
    text = "import numpy as np\n\nx = np.linspace(0, 1, 10)\n\n\n" + (
        "def train(sample):\n    x, y = sample.x, sample.y\n    return x + y\n"
    )
    before, now = read(tmp_path, text), read(tmp_path, text.replace("10", "20"))
    assert difference(before, now) == ""
    assert surroundings_differ(before, now)


def test_what_no_definition_tells_is_said(tmp_path, monkeypatch):
    """Names that are asked for as texts, and classes that are there twice."""
    asked = (
        "import own_rules\n\n\ndef train(sample):\n    import own_late\n"
        "    return getattr(own_rules, 'rule')(sample) + own_late.VALUE\n"
    )
    found = []
    for rule, late in ((1, 1), (3, 1), (1, 3)):
        for name, text in (
            ("own_rules", f"def rule(sample):\n    return {rule}\n"),
            ("own_late", f"VALUE = {late}\n"),
        ):
            monkeypatch.setitem(sys.modules, name, loaded(tmp_path, text, f"{name}.py"))
        found.append(read(tmp_path, asked))
    assert all(surroundings_differ(found[0], other) for other in found[1:])
    twice = "class Net:\n    k = 1\n\nclass Net:\n    k = 1\n\ndef train(s):\n    return Net.k\n"
    before, now = read(tmp_path, twice), read(tmp_path, twice.replace("k = 1", "k = 3"))
    assert difference(before, now) or surroundings_differ(before, now)


def test_packages_around_what_is_imported_are_sources(tmp_path, monkeypatch):
    """Names that are asked for as texts, of packages that are run before their modules."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    package = tmp_path / "own_package"
    (package / "inner").mkdir(parents=True)
    for name in ("inner/__init__.py", "inner/rules.py", "beside.py", "__init__.py"):
        (package / name).write_text("VALUE = 1\n")
    (package / "inner" / "rules.py").write_text("from .. import beside\n")
    text = (
        "import own_package.inner.rules\n\n\n"
        "def train(sample):\n    return getattr(own_package, 'VALUE')\n"
    )

    def now():
        for name in [one for one in sys.modules if one.startswith("own_package")]:
            monkeypatch.delitem(sys.modules, name)
        return read(tmp_path, text)

    before = now()
    for name in ("inner/__init__.py", "beside.py", "__init__.py"):
        (package / name).write_text("VALUE = 3\n")
        after = now()
        assert surroundings_differ(before, after), name
        before = after


def test_what_is_imported_when_it_is_run_is_known_before(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delitem(sys.modules, "own_later", raising=False)
    (tmp_path / "own_later.py").write_text("VALUE = 1\n")
    text = "def train(sample):\n    from own_later import VALUE\n    return VALUE\n"
    train = loaded(tmp_path, text).train
    before = meaning(train)
    assert "own_later" not in sys.modules
    assert train(None) == 1
    assert "own_later" in sys.modules
    assert meaning(train) == before
    (tmp_path / "own_later.py").write_text("VALUE = 30\n")
    assert surroundings_differ(before, meaning(train))


def test_addresses_order_nothing():
    """Where functions lie differs from one process to the next."""

    def one():
        return 1

    def other():
        return 2

    made_now = [{one: 1, other: 2}, {one, other}]
    orders = {tuple(f.__name__ for f in in_order(values)) for values in made_now}
    assert orders == {("one", "other")}
    assert [f() for f in in_order([other, one])] == [1, 2]


@pytest.mark.parametrize("place", ["site-packages", "dist-packages"])
def test_packages_of_an_environment_beneath_are_installed(tmp_path, monkeypatch, place):
    """As in one made with --system-site-packages: all of pandas was read, which took a minute."""
    folder = tmp_path / place
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "beneath", raising=False)
    text = "import beneath\ndef train(sample):\n    return beneath.VALUE\n"
    (folder / "beneath.py").write_text("VALUE = 1\n")
    before = meaning(loaded(tmp_path, text).train)
    (folder / "beneath.py").write_text("VALUE = 1  # installed again\nOTHER = 2\n")
    assert not surroundings_differ(before, meaning(loaded(tmp_path, text).train))
