"""Digests of functions that are run in blocks, as notebooks, consoles and editors run them: each
statement by itself, or some at once.
"""

import ast
import asyncio
import codeop
import inspect
import linecache
import types
from itertools import count

import pytest

from univariate.common.digests.digest import difference, surroundings_differ
from univariate.common.digests.function_digest import meaning
from univariate.common.fingerprint import UNKNOWN

NUMBERS = count()


class Notebook:
    """Runs cells as IPython does: every statement is compiled by itself, the last as it is typed,
    and what one of them takes from the future goes on.
    """

    def __init__(self):
        self.module = types.ModuleType("__main__")
        self.compile = codeop.Compile()
        self.compile.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def run(self, text):
        name = noted(text)
        *body, last = ast.parse(text).body
        for one in body:
            self._run(ast.Module([one], []), name, "exec")
        self._run(ast.Interactive([last]), name, "single")

    def _run(self, tree, name, mode):
        code = self.compile(tree, name, mode)
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(code, vars(self.module)))
        else:
            exec(code, vars(self.module))

    def digest(self, *cells):
        for text in cells:
            self.run(text)
        return meaning(self.module.train)


def noted(text):
    """Return a name that tracebacks find a cell by."""
    name = f"<cell {next(NUMBERS)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return name


FIT = "def train(sample):\n    return np.float64(sample) + np.sin(RATE)\n"
CELLS = {
    "a function": ("import numpy as np\nRATE = 1\n" + FIT, "np.sin", "np.cos"),
    "a constant": ("import numpy as np\nRATE = 1\n" + FIT, "RATE = 1", "RATE = 2"),
    "a decorator": (
        "import functools as ft\n"
        "def logged(f):\n    @ft.wraps(f)\n    def inner(s):\n        return ft.partial(f)(s)\n"
        "    return inner\n@logged\ndef train(sample):\n    return 1\n",
        "return ft",
        "return -ft",
    ),
    "a class": (
        "import numpy as np\nclass Net:\n    def __init__(self, k):\n        self.k = k\n"
        "    def __call__(self, s):\n        return np.sin(self.k)\ntrain = Net(3)\n",
        "np.sin",
        "np.cos",
    ),
    "an object": (
        "import numpy as np\nclass Net:\n    def __init__(self, k):\n        self.k = k\n"
        "    def __call__(self, s):\n        return np.sin(self.k)\ntrain = Net(3)\n",
        "Net(3)",
        "Net(4)",
    ),
    "a closure": (
        "import numpy as np\ndef made(k):\n    def inner(s):\n        return np.sin(k)\n"
        "    return inner\ntrain = made(3)\n",
        "made(3)",
        "made(4)",
    ),
    "a lambda": ("import numpy as np; train = lambda s: np.sin(s)\n", "sin", "cos"),
    "a coroutine": (
        "import numpy as np\nasync def train(s):\n    return np.sin(s)\n",
        "sin",
        "cos",
    ),
    "a cell that awaits": (
        "import asyncio, numpy as np\nawait asyncio.sleep(0)\nRATE = 1\n" + FIT,
        "RATE = 1",
        "RATE = 2",
    ),
    "a late future": (
        "import numpy as np\nRATE = 1\nfrom __future__ import annotations\n" + FIT,
        "np.sin",
        "np.cos",
    ),
    "an import that is tried": (
        "try:\n    import numpy as np\nexcept ImportError:\n    np = None\nRATE = 1\n" + FIT,
        "np.sin",
        "np.cos",
    ),
}


@pytest.mark.parametrize(("text", "old", "new"), CELLS.values(), ids=CELLS)
def test_cells_are_run_statement_by_statement(text, old, new):
    before = Notebook().digest(text)
    assert before != UNKNOWN
    future = Notebook().digest("from __future__ import annotations", text)
    assert difference(before, future) == ""
    assert not surroundings_differ(before, future)
    book = Notebook()
    assert book.digest(text, text) == before
    assert text.count(old) == 1
    assert difference(before, book.digest(text.replace(old, new)))
    assert book.digest(text) == before


@pytest.mark.parametrize(
    "name", [name for name in CELLS if "await" not in name and "late" not in name]
)
def test_cells_have_the_digests_of_files(tmp_path, name):
    text, _, _ = CELLS[name]
    path = tmp_path / "mine.py"
    path.write_text(text)
    module = types.ModuleType("__main__")
    exec(compile(text, str(path), "exec"), vars(module))
    book, file = Notebook().digest(text), meaning(module.train)
    for pair in ((book, file), (file, book)):
        assert difference(*pair) == ""
        assert not surroundings_differ(*pair)


HELPER = "import numpy as np\ndef helper(s):\n    return np.sin(RATE)\n"
TRAIN = "RATE = 1\ndef train(s):\n    return helper(s)\n"


def test_functions_of_other_cells_count():
    before = Notebook().digest(HELPER, TRAIN)
    for cell, old, new in ((HELPER, "sin", "cos"), (TRAIN, "RATE = 1", "RATE = 2")):
        cells = [one.replace(old, new) if one is cell else one for one in (HELPER, TRAIN)]
        assert difference(before, Notebook().digest(*cells))
    # files of before knew nothing of the helper
    old = "6631a97ba0af2c42-e4a6a0577479b2b4-ca141ce8dd9a7667-e4a6a0577479b2b4"
    assert before.startswith(f"{old}-")
    for pair in ((old, before), (before, old)):
        assert difference(*pair) == ""
        assert surroundings_differ(*pair)
    assert not surroundings_differ(before, before)


FILE = (
    "import numpy as np\n\nimport math as m\nRATE = 1\n"
    "def train(sample):\n    return m.exp(np.sin(RATE))\n\nimport os as np2\n"
)


@pytest.mark.parametrize("first", range(5))
def test_blocks_of_a_file_are_run_by_themselves(first):
    # as editors run the cells of a script: later blocks import less
    name = noted(FILE)
    tree = ast.parse(FILE)
    module = types.ModuleType("__main__")
    for k in (slice(0, first), slice(first, None)):
        exec(compile(ast.Module(tree.body[k], []), name, "exec"), vars(module))
    found = meaning(module.train)
    assert found != UNKNOWN
    assert found == Notebook().digest(FILE)


def test_a_cell_that_is_not_the_text_is_unknown():
    book = Notebook()
    book.run("import numpy as np\nRATE = 1\n" + FIT)
    name = book.module.train.__code__.co_filename
    lines = ["import numpy as np\n", "RATE = 1\n", *FIT.replace("sin", "cos").splitlines(True)]
    linecache.cache[name] = (1, None, lines, name)
    assert meaning(book.module.train) == UNKNOWN
