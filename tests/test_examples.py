"""The examples in the docstrings of public names run, and show what the docstrings say."""

import doctest
from importlib import import_module
from inspect import signature

import pytest

import highdim
import univariate

PACKAGES = ("univariate", "highdim")
SHOWN = {
    "univariate": {
        *("draw_sample", "clean_error", "exact_clean_error", "nearest_neighbour_clean_error"),
        *("spline", "max_margin", "certify", "theorem_3_2", "nearest_neighbour_law"),
        *("gradient_flow", "kkt_point", "Rule", "compare"),
    },
    "highdim": {
        *("draw_sphere_sample", "init_network", "gradient_flow", "clean_error"),
        "orthogonal_limit",
    },
}
PAGES = (
    *("univariate.paper", "highdim.paper", "benchmarks.examples.audit_my_network"),
    *("benchmarks.examples.max_margin_on_my_data", "benchmarks.examples.tempered_or_benign"),
    "benchmarks.examples.compare_my_training",
)


def examples(package):
    """Return the examples of all public names, by name."""
    module = import_module(package)
    finder = doctest.DocTestFinder(recurse=False)
    found = {}
    for name in module.__all__:
        (test,) = finder.find(getattr(module, name), name, globs={}) or (None,)
        if test is not None and test.examples:
            found[name] = test
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_examples_show_what_they_say(package):
    found = examples(package)
    assert found.keys() >= SHOWN[package]
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in found.values():
        runner.run(test)
    assert runner.tries > len(SHOWN[package])
    assert runner.failures == 0


@pytest.mark.parametrize("name", PAGES)
def test_pages_show_what_they_say(name):
    module = import_module(name)
    (test,) = doctest.DocTestFinder(recurse=False).find(module, name, globs={})
    if "import torch" in module.__doc__:
        pytest.importorskip("torch")
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test)
    assert runner.tries > 5
    assert runner.failures == 0


def test_signatures_are_those_of_the_class_that_is_asked_for():
    """The one of `Law` was shown for those that derive from it, and for callable instances."""
    assert str(signature(highdim.Law)) == "(name: str) -> None"
    assert list(signature(highdim.Product).parameters) == ["laws"]
    assert list(signature(highdim.Sampler).parameters) == ["function", "name"]
    assert str(signature(highdim.Sphere)) == "() -> None"
    assert "covariance: Union[float, ArrayLike] = 1.0" in str(signature(highdim.Gaussian))

    class Mine(univariate.Rule):
        def __init__(self, power):
            self.power = power

    assert str(signature(univariate.Rule)) == "()"
    assert str(signature(Mine)) == "(power)"
    net = univariate.ReluNet([1.0], [1.0], [0.0])
    assert list(signature(univariate.ReluNet).parameters) == ["v", "w", "b"]
    assert list(signature(net).parameters) == ["x"]


@pytest.mark.parametrize("package", PACKAGES)
def test_signatures_can_be_read_in_help(package):
    module = import_module(package)
    for name in module.__all__:
        member = getattr(module, name)
        if callable(member) and not isinstance(member, type):
            text = str(signature(member))
            assert f"{package}." not in text, name
            assert "_SupportsArray" not in text, name
            assert "typing." not in text, name
