"""Kernels call kernels of their own file only, or cached code goes stale: so the error-free
transformations are copied, and here it is seen that the copies are the same.
"""

import ast
import importlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import highdim
import univariate

PACKAGES = {one.__name__: Path(one.__file__).parent for one in (univariate, highdim)}
NAMES = ("two_sum", "two_product")


def copies(name: str) -> dict[str, tuple[ast.FunctionDef, dict[str, float]]]:
    """Return by module the definition of a function in kernels, and the module's constants."""
    found = {}
    for package, folder in PACKAGES.items():
        for path in sorted(folder.glob("*/kernels/*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            constants = {
                node.targets[0].id: node.value.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            }
            module = ".".join((package, *path.relative_to(folder).with_suffix("").parts))
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and node.name == name:
                    found[module] = node, constants
    return found


class Normal(ast.NodeTransformer):
    """Constants by value, other names by the order in which they occur."""

    def __init__(self, constants: dict[str, float]) -> None:
        self.constants = constants
        self.order: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.constants:
            return ast.Constant(self.constants[node.id])
        return ast.Name(self.order.setdefault(node.id, f"n{len(self.order)}"), node.ctx)


def normalised(function: ast.FunctionDef, constants: dict[str, float]) -> str:
    """Return the statements without docstring and annotations."""
    normal = Normal(constants)
    arguments = [
        normal.visit(ast.Name(argument.arg, ast.Load())) for argument in function.args.args
    ]
    body = [normal.visit(statement) for statement in function.body[1:]]
    assert ast.get_docstring(function)
    return "\n".join(ast.dump(node) for node in arguments + body)


@pytest.mark.parametrize("name", NAMES)
def test_copies_have_one_source(name):
    found = copies(name)
    assert len(found) >= 6
    sources = {module: normalised(*one) for module, one in found.items()}
    first = next(iter(sources.values()))
    assert [module for module, source in sources.items() if source != first] == []


def test_other_copies_would_be_noticed():
    """Names and constants do not matter, the order of operations does."""
    texts = (
        "def f(a, b):\n 'Sum.'\n s = K * a\n return s + b",
        "def f(x: float, y: float) -> float:\n 'Sum.'\n total = 3.0 * x\n return total + y",
        "def f(a, b):\n 'Sum.'\n s = K * a\n return b + s",
        "def f(a, b):\n 'Sum.'\n s = 5.0 * a\n return s + b",
    )
    one, same, swapped, other = (normalised(ast.parse(text).body[0], {"K": 3.0}) for text in texts)
    assert one == same
    assert one not in (swapped, other)


@pytest.mark.core
@pytest.mark.parametrize("name", NAMES)
def test_copies_have_one_result_and_it_is_exact(name):
    rng = np.random.default_rng(7)
    mantissas = rng.uniform(-1.0, 1.0, (200, 2))
    numbers = np.ldexp(mantissas, rng.integers(-200, 200, (200, 2)))
    pairs = [*numbers.tolist(), (0.0, -0.0), (1.0, 2.0**-53), (1.0 + 2.0**-52, 1.0 - 2.0**-53)]
    functions = [getattr(importlib.import_module(module), name) for module in copies(name)]
    for a, b in pairs:
        first = functions[0](a, b)
        assert all(function(a, b) == first for function in functions)
        exact = Fraction(a) + Fraction(b) if name == "two_sum" else Fraction(a) * Fraction(b)
        assert Fraction(first[0]) + Fraction(first[1]) == exact
        assert first[0] == (a + b if name == "two_sum" else a * b)
