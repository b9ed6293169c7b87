"""The README's code runs and prints what the README shows; its commands are the ones that CI
runs.
"""

import contextlib
import io
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_lines_print_what_is_shown():
    names = {}
    for code, shown in zip(blocks("python"), blocks("text"), strict=True):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert printed.getvalue() == shown


def test_ci_runs_the_test_command():
    command = next(block for block in blocks("sh") if ".[test]" in block).strip()
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_linked_file_exists():
    for target in re.findall(r"\]\((?!http)([^)]+)\)", README.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_every_named_call_is_public():
    import highdim
    import univariate

    for name in re.findall(r"`(\w+)\(", README.read_text(encoding="utf-8")):
        assert hasattr(univariate, name) or hasattr(highdim, name), name
