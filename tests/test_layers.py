"""The layer contract of pyproject.toml, and what importing the packages may cost."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_layers_hold():
    checker = (
        "import sys; from importlinter.cli import lint_imports_command;"
        " sys.exit(lint_imports_command())"
    )
    done = subprocess.run(
        [sys.executable, "-c", checker], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("package", ["univariate", "highdim"])
def test_importing_loads_nothing_heavy(package):
    """matplotlib, shapely, scipy's large parts, the command line and torch load when first used."""
    heavy = (
        "matplotlib",
        "shapely",
        "scipy.stats",
        "scipy.optimize",
        "typer",
        "rich",
        "torch",
        "sklearn",
        "clarabel",
    )
    code = f"import sys, {package}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
