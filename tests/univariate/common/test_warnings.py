"""Warnings name the line of the user's script that called these packages, whatever they are of and
by whatever way they come.
"""

import ast
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

SOURCES = Path(find_spec("univariate").origin).parents[1]

SCRIPT = """
import contextlib
import dataclasses
import functools
import importlib
import json
import linecache
import re
import sys
import warnings
from pathlib import Path
import numpy as np
from scipy import stats
import highdim
import univariate as u


class Index(list):
    is_unique = True

    def equals(self, other):
        return self == other

    def isin(self, other):
        return np.isin(self, other)


class Column(list):
    def __init__(self, values, names):
        super().__init__(values)
        self.index = Index(names)


class Table(list):
    columns = ("a", "b")


class Power(stats.rv_continuous):
    def __init__(self, power=1.0, **others):
        super().__init__(**({"a": 0.0, "b": 1.0} | others))
        self.power = power

    def _cdf(self, x):
        return x**self.power


class Classes(u.Rule):
    def __init__(self):
        self.sample = SAMPLE

    def __call__(self, x):
        raise NotImplementedError

    def signs(self, low, high):
        return u.Signs.enclosed([0.25], [0.25], [0, 1])


@dataclasses.dataclass(frozen=True, repr=False)
class Mine(u.Sample):
    kind: str = "mine"


def chance(x):
    return 0.25 + 0.5 * x


def best(sample, rng=None):
    return u.max_margin(sample).net


def seeded(rng, n):
    return np.random.default_rng().normal(size=(n, 2))


def of_before(name):
    path = Path(name)
    list(u.compare({"best": best}, [5], [0.1], [0], path))
    path.write_text(re.sub(r"(,[^,\\n]*){2}$", "", path.read_text(), flags=re.MULTILINE))
    return path


def beside(name):
    "Return rows of a maker beside which something has changed since, and that."
    sys.dont_write_bytecode = True
    sys.path.insert(0, "")
    text = "import univariate as u\\ndef best(sample):\\n    return u.max_margin(sample).net\\n"
    Path("maker.py").write_text(text)
    import maker

    list(u.compare({"best": maker.best}, [5], [0.1], [0], name))
    Path("maker.py").write_text(text + "\\n\\nprint\\n")
    linecache.clearcache()
    return name, importlib.reload(maker).best


SAMPLE = u.draw_sample(10, 0.2, rng=0)
CODED = Table([[y, 2.0 + k] for k, y in enumerate(SAMPLE.y.tolist())])
X, Y = Column([0.25, 0.5, 0.75], "abc"), Column([1, -1, 1], "bcd")
PLANE = Column([[0.25, 1.0], [0.5, 1.0], [0.75, 1.0]], "abc")
MODEL = {"model": {"0.weight": [[1.0]], "2.weight": [[1.0]]}, "alpha": 0.5}
NET = u.max_margin(SAMPLE).net
REMADE = Power(2.0)()
Path("net.json").write_text(json.dumps(MODEL))
Path("table.csv").write_text("a,b,y\\n" + "".join(f"{y},{b},{y}\\n" for y, b in CODED))
UNKNOWN = of_before("rows.csv")
BESIDE, changed = beside("beside.csv")
on_x = functools.partial(u.Sample, X)
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as found:
    u.Truth.of_function(chance, [])  # `truth` decides by its sign
    u.Rule.of_function(SAMPLE, chance, [])  # `function` decides by its sign
    highdim.rule_clean_error(lambda X: chance(abs(X[:, 0])), 3, samples=9, rng=0)  # `rule` decides
    u.Truth([0.5], [0, 1])  # `signs` are 0 and 1 alone
    u.clean_error(Classes(), truth="0.25:-+")  # `signs` of Classes are 0 and +1
    u.draw_sample(5, 0.2, rng=0, density=REMADE)  # scipy made anew
    u.clean_error(NET, density=REMADE)  # scipy made anew
    highdim.Sampler(seeded, "mine").draw(4, 2, 0)  # `law` should draw
    u.ReluNet.from_torch(MODEL)  # 'alpha' = 0.5 beside
    highdim.TwoLayerNet.from_torch(MODEL)  # 'alpha' = 0.5 beside
    u.load_network("net.json")  # 'alpha' = 0.5 beside
    highdim.load_network("net.json")  # 'alpha' = 0.5 beside
    highdim.SphereSample.from_arrays(CODED, SAMPLE.y)  # as a copy of the labels
    highdim.SphereSample.load("table.csv")  # as a copy of the labels
    list(u.compare({"best": best}, [5], [0.1], [0], UNKNOWN))  # nothing tells whether
    list(u.compare({"best": changed}, [5], [0.1], [0], BESIDE))  # the code beside
    u.Sample(X, Y)  # `x` and `y` were joined by place
    u.Sample.from_arrays(X, Y)  # `x` and `y` were joined by place
    on_x(Y)  # `x` and `y` were joined by place
    Mine(X, Y)  # `x` and `y` were joined by place
    dataclasses.replace(SAMPLE, x=X, y=Y)  # `x` and `y` were joined by place
    with contextlib.ExitStack() as stack:  # `x` and `y` were joined by place
        stack.callback(on_x, Y)
    highdim.SphereSample(PLANE, Y)  # `X` and `y` were joined by place
    highdim.SphereSample.from_arrays(PLANE, Y)  # `X` and `y` were joined by place
    highdim.orthogonal_limit(2, 1).net(PLANE, Y)  # `X` and `y` were joined by place
    u.ReluNet(X, X, Y)  # `v` and `b` were joined by place
for one in found:
    print(json.dumps([one.filename, one.lineno, str(one.message)]))
"""


def run(path, *words, **environment):
    return subprocess.run(
        [sys.executable, *words],
        cwd=path,
        env={**os.environ, "PYTHONPATH": str(SOURCES), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_warnings_name_the_line_of_the_script_that_called(tmp_path):
    """Some named a line of these packages, or none: of a method that `dataclass` had written."""
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT)
    done = run(tmp_path, script)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {file for file, _, _ in found} == {str(script)}
    parts = [line.partition("  # ") for line in SCRIPT.splitlines()]
    meant = {k: words for k, (_, _, words) in enumerate(parts, 1) if words}
    assert [line for _, line, _ in found] == list(meant)
    assert [text for _, line, text in found if meant[line] not in text] == []


def test_a_disk_without_room_for_kernels_is_told_at_the_line_that_first_needs_them(tmp_path):
    """Python's own machinery of imports is between."""
    lines = (
        "from numba.core import caching",
        "import univariate as u",
        "def nowhere(*_):",
        "    raise OSError('read-only file system')",
        "caching._CacheLocator.ensure_cache_path = nowhere",
        "u.clean_errors",
    )
    script = tmp_path / "mine.py"
    script.write_text("\n".join(lines))
    done = run(tmp_path, script)
    assert done.stderr.startswith(f"{script}:6: RuntimeWarning: compiled kernels cannot be kept")
    # through a program of Python's own, whose lines are no script: that of whoever called these
    done = run(tmp_path, "-c", "import runpy; runpy.run_path('mine.py')")
    assert done.stderr.startswith("mine.py:6: RuntimeWarning: compiled kernels cannot be kept")


def test_every_warning_of_the_packages_comes_by_one_way():
    """It alone finds the line of whoever called."""
    calls = [
        (path.relative_to(SOURCES).as_posix(), node.lineno)
        for package in ("univariate", "highdim")
        for path in sorted(SOURCES.glob(f"{package}/**/*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"warn", "warn_explicit"}
        if isinstance(node.value, ast.Name) and node.value.id == "warnings"
    ]
    assert [path for path, _ in calls] == ["univariate/common/warn.py"], calls
