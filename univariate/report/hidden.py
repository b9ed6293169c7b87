"""Warnings of what a comparison cannot know of its makers: generators that go on from run to run,
and what they read from outside.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from inspect import signature
from typing import Any

from univariate.common.digests.function_digest import Meaning
from univariate.common.files import PathLike
from univariate.common.warn import warn
from univariate.common.words import counted
from univariate.report.comparison_rows import ComparisonRow


def takes_rng(maker: Any) -> bool:
    """Whether a maker has a parameter `rng`."""
    return "rng" in _parameters(maker)


def warn_of_generators(makers: Mapping[str, Any], meanings: Mapping[str, Meaning]) -> None:
    """Warn of makers whose own code draws from a generator that lies outside of them."""
    for name, maker in makers.items():
        held = [
            one or type(value).__name__
            for one, value in meanings[name].generators
            if not any(value is other for other in _replaced(maker))
        ]
        if held:
            warn(
                f"the maker {name!r} holds a generator of random numbers, {_listed(held)}, that"
                " goes on from run to run: rows depend on their order, on restarts and on `n_jobs`;"
                " give the function a parameter `rng`, and draw from that"
            )


def warn_of_reading(
    rows: Sequence[ComparisonRow], meanings: Mapping[str, Meaning], path: PathLike
) -> None:
    """Warn where rows that were made earlier are taken for those of makers that read files, the
    environment or the command line.
    """
    doubtful = [row for row in rows if meanings[row.rule].reading]
    if doubtful:
        names = dict.fromkeys(row.rule for row in doubtful)
        by = dict.fromkeys(one for name in names for one in meanings[name].reading)
        warn(
            f"{_listed(map(repr, names))} may read files, the environment or the command line, by"
            f" {_listed(by)}, whose changes are not seen: {counted(len(doubtful), 'row')} of"
            f" {str(path)!r}, made earlier, count as finished; if what is read has changed, rename"
            " the maker or choose another file"
        )


def _replaced(maker: Any) -> list[Any]:
    """Return what stands for `rng` by default or in a `partial`: runs have theirs there."""
    layers = [maker]
    while isinstance(layers[-1], partial):
        layers.append(layers[-1].func)
    return [_parameters(one)["rng"].default for one in layers if takes_rng(one)]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _parameters(maker: Any) -> Mapping[str, Any]:
    try:
        return signature(maker).parameters
    except (TypeError, ValueError):  # of a builtin
        return {}
