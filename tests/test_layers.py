"""The layer contract of pyproject.toml, what kernels may know, and what importing the packages
costs.
"""

import ast
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("univariate", "highdim")
SOURCES = Path(find_spec("univariate").origin).parents[1]
LOADED = {
    "univariate": ["univariate", "univariate.common", "univariate.common.lazy"],
    "highdim": ["highdim", "univariate", "univariate.common", "univariate.common.lazy"],
}
"""What `import univariate` and `import highdim` load besides the standard library."""
KERNELS = sorted(path for package in PACKAGES for path in SOURCES.glob(f"{package}/*/kernels/*.py"))
KERNELS_MAY_IMPORT = {"math", "typing", "numpy", "numba", "univariate.common.jit"}
ENTRIES = 12


def run(code):
    """Run code in a fresh interpreter, at the root of the repository."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_layers_hold():
    done = run(
        "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_loads_nothing_but_the_table_of_names(package):
    """numpy, numba, matplotlib, the command line and every room load when first used."""
    done = run(
        f"import sys; before = set(sys.modules); import {package}; "
        "print(*sorted(name for name in set(sys.modules) - before"
        " if name.partition('.')[0] not in sys.stdlib_module_names))"
    )
    assert done.stdout.split() == LOADED[package], done.stderr


def test_importing_the_tests_calls_no_kernel(pytestconfig):
    """Every worker imports every test, and would compile what is called meanwhile."""
    assert pytestconfig.compiled_on_import == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_resolves(package):
    module = import_module(package)
    assert module.__all__
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None, name


def imports(path):
    """Return the imports of a file: module, and the name taken from it or None."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            found += [(node.module, alias.name) for alias in node.names]
    return found


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: str(path.relative_to(SOURCES)))
def test_kernels_know_numbers_only(path):
    """Of another kernel module they take named tuples, never kernels: the cached code of a caller
    would stay as it is when a kernel of another file changes.
    """
    for module, name in imports(path):
        if ".kernels." in module:
            assert issubclass(getattr(import_module(module), name), tuple), name
        else:
            assert module in KERNELS_MAY_IMPORT, module


def test_there_are_kernels():
    assert {path.parts[-4] for path in KERNELS} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_seen_at_a_glance(package):
    entries = [
        entry.name
        for entry in (SOURCES / package).iterdir()
        if entry.suffix == ".py" or (entry.is_dir() and entry.name != "__pycache__")
    ]
    assert len(entries) <= ENTRIES, sorted(entries)
