"""Arguments of the command line, parsed: comma lists, densities and truths. Messages as in
`check`.
"""

from univariate.common import check
from univariate.common.program import listed
from univariate.problem.density import Density
from univariate.problem.truth import Truth


def counts(name: str, text: str) -> list[int]:
    """Return positive integers from a comma list such as "100,1000"."""
    found = listed(name, text, int, "an integer >= 1 or a comma list of them", "100,1000")
    return [check.count(name, number) for number in dict.fromkeys(found)]


def probabilities(name: str, text: str) -> list[float]:
    """Return probabilities from a comma list such as "0.05,0.1"."""
    found = listed(name, text, float, "a number in [0, 1] or a comma list of them", "0.05,0.1")
    return [check.probability(name, number) for number in dict.fromkeys(found)]


def density(text: str | None) -> Density | None:
    """Return the law of a `scipy.stats` name with parameters, as "beta(2, 5)"; None for none."""
    return None if text is None else Density.named(text)


def truth(text: str | None) -> Truth | None:
    """Return the truth of a text such as "0.3:+-"; None for none."""
    return None if text is None else Truth.named(text)
