"""What Python prints of results and errors is ASCII: it is written on every stream."""

import ast
import dataclasses
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import highdim
import univariate
from univariate.common import check, spelled
from univariate.common.result import Result, result

MODULES = [
    path
    for package in (univariate, highdim)
    for path in Path(package.__file__).parent.rglob("*.py")
]

PRINTS_MANY = """
import univariate as u
import highdim as h
from highdim.report.report import build_report
from univariate.common.result import Result

seen = set()

def show(value):
    if isinstance(value, Result) and id(value) not in seen:
        seen.add(id(value))
        print(value, repr(value), [value], f"{value}")
        for name in vars(value):
            show(getattr(value, name))
    elif isinstance(value, list | tuple):
        for one in value:
            show(one)

sample = u.draw_sample(12, 0.3, rng=0, truth="0.3:+-")
best = u.max_margin(sample)
show([u.build_report(best.net, sample)])
show([u.noisy_error(best.net, 0.1), u.structure(best.net, sample)])
sphere = h.draw_sphere_sample(6, 40, 0.25, rng=0)
net = h.init_network(10, 40, rng=0)
show([build_report(h.benign_interpolator(sphere, 10).net, sphere), h.theorem_4_3(net, sphere)])
show([h.proposition_4_4(h.init_network(2, 40, bias=False, rng=0), sphere), h.proposition_4_5(net)])
show([h.orthogonal_limit(3, 3), h.Gaussian([[1.0, 0.5], [0.5, 1.0]])])
try:
    u.draw_sample(0, 0.1, rng=0)
except ValueError as error:
    print(error)
print(len(seen))
"""


def result_classes():
    for package in (univariate, highdim):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found, new = set(), [Result]
    while new:
        new = [one for parent in new for one in parent.__subclasses__() if one not in found]
        found.update(new)
    return {one for one in found if one.__module__.startswith(("univariate", "highdim"))}


@result
class Told(Result):
    text: str

    def in_full(self) -> str:
        return self.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("‖θ‖² ≤ 9 √|I₋|", "|theta|^2 <= 9 sqrt |I-|"),
        ("0.25 ± 2e-16", "0.25 +- 2e-16"),
        ("<2×3 array>", "<2x3 array>"),
        ("Σ λ and Σλ of 2 √m", "sum lambda and sum lambda of 2 sqrt m"),
        ("größer 大 \ud800 \U0001f600", r"gr\xf6\xdfer \u5927 \ud800 \U0001f600"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_results_print_in_ascii(text, expected):
    assert spelled.spelled(text) == repr(Told(text)) == str(Told(text)) == expected


def test_no_result_shows_itself_otherwise():
    kinds = result_classes()
    assert len(kinds) > 70
    # a class says what is shown by `in_full`; how it is spelled is decided in one place
    own = [kind for kind in kinds if kind.__repr__ is not Result.__repr__]
    assert own == []
    assert [kind for kind in kinds if kind.__str__ is not object.__str__] == []


def test_public_classes_are_results_or_print_in_ascii():
    public = [
        getattr(package, name) for package in (univariate, highdim) for name in package.__all__
    ]
    others = {one for one in public if isinstance(one, type) and not issubclass(one, Result)}
    assert others == {univariate.Verdict, univariate.Signs, univariate.PassedOverWarning}
    assert repr(univariate.Signs.enclosed([0.5], [0.5], [1, -1])).isascii()


def test_scripts_print_results_on_narrow_streams():
    """In ASCII, which is part of every code page."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-c", PRINTS_MANY],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 100
    assert "theta" in done.stdout


def messages(tree):
    """Texts that are raised or warned about, those of functions that return errors, and what is
    handed to functions that raise them.
    """
    for node in ast.walk(tree):
        told = isinstance(node, ast.Raise)
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            told = name.endswith(("warn", "listed")) or name.startswith(("check.", "require"))
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            told = ast.unparse(node.returns).endswith("Error")
        if not told:
            continue
        body = node.body[1:] if isinstance(node, ast.FunctionDef) else [node]
        for part in body:
            for one in ast.walk(part):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one


def test_errors_that_name_laws_are_ascii():
    law = highdim.Gaussian(np.eye(3) + 0.1)
    assert not law.name.isascii()
    sample = highdim.draw_sphere_sample(6, 3, 0.2, rng=0, law=law)
    net = highdim.init_network(8, 3, rng=0)
    named = "N(0, sum of shape 3x3 #"
    for refused in (
        lambda: highdim.clean_error(net, law=law, method="circles", rng=0),
        lambda: highdim.clean_error(net, law=law, regions=True, rng=0),
        lambda: sample.near_orthogonality(0.1),
        lambda: highdim.SphereSample(sample.X, sample.y, distribution="sphere", law=law),
        lambda: highdim.draw_sphere_sample(6, 4, 0.2, rng=0, law=law),
        lambda: law.draw(2, 4, 0),
        lambda: highdim.Law(law.name).draw(2, 3, 0),
    ):
        with pytest.raises(ValueError, match=re.escape(named)) as caught:
            refused()
        assert str(caught.value).isascii()


def test_errors_and_warnings_are_ascii():
    found = [
        f"{path.name}:{one.lineno} {one.value}"
        for path in MODULES
        for one in messages(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 1000
    assert [text for text in found if not text.isascii()] == []


def test_long_values_in_messages_are_cut_in_ascii():
    text = check.shown("a" * 500)
    assert (len(text), text[-3:]) == (120, "...")


def test_notebooks_keep_the_letters():
    assert (
        "‖θ‖²"
        in dataclasses.make_dataclass("Own", [("text", str)], bases=(Result,))("‖θ‖²")._repr_html_()
    )
