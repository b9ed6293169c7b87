"""What the nearest-neighbour law says about a net and a sample, as data."""

from univariate.common.arrays import Indices, Vector
from univariate.common.claim import Claim
from univariate.common.enclosed import Enclosed
from univariate.common.result import Result, Verdict, result
from univariate.error.clean_error import CleanError
from univariate.paper.law.links import Link
from univariate.standing.kkt import KktCertificate


@result
class Deviation(Result):
    """A gap in which a net and the nearest neighbour decide differently. Rounded.

    Attributes
    ----------
    gap : int
        In 0 … m; gap i lies left of observation i, gap m right of the last.
    first, last : float
        Its ends: the observations beside it, -inf and inf beyond the outer ones.
    share : float
        Part of its length within the domain that is decided differently, in (0, 1]; for an
        unbounded end that length over itself plus the length of the data.
    mass : float
        Probability of the net's errors in the gap less that of the nearest neighbour's.
    links : tuple of int
        The links that may cause it: those between the same two regular transitions.
    open_end : bool
        Whether it lies before the first regular transition or after the last.
    """

    gap: int
    first: float
    last: float
    share: float
    mass: float
    links: tuple[int, ...]
    open_end: bool

    @property
    def cause(self) -> str:
        """What allows it, in words; empty where the law does not."""
        causes = []
        if self.links:
            listed = ", ".join(map(str, self.links))
            causes.append(f"link{'s' * (len(self.links) > 1)} {listed}")
        if self.open_end:
            causes.append("the end of the data")
        return " and ".join(causes)


@result
class Chains(Result):
    """The maximal runs of kinks of one sign: first and last kink of each, and its sign.

    Arrays of shape (c,).
    """

    first: Indices
    last: Indices
    sign: Vector


@result
class Difference(Enclosed):
    """A signed difference of two probabilities: rounded, with a rigorous enclosure.

    As a number it is its value: in arithmetic, in `difference == 0`, `difference < 0.1` and
    `if difference:`. Two results are equal if they say the same in all fields; compare `.value` for
    the numbers alone.
    """


@result
class NearestNeighbourLaw(Result):
    """How the decisions of a net differ from those of the nearest neighbour.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: a certified KKT point, at most `allowed` gaps deviate, and every step of the proof
        holds on it. FAILS: a certified KKT point that contradicts the law: more gaps deviate, each
        by a thousandth of itself, though every step holds and all neurons count. UNDECIDED: no
        certified KKT point, or a step of the proof is off, as it may be where the multipliers of
        tiny neurons are known badly, or neurons are too small to be felt in the residual; `reason`
        says which.
    links : tuple of Link
        From left to right; empty for nets that are not certified. Kinks of opposite signs at one
        place that rounding has taken apart count as they are then, so that E can only be too large.
    chains : Chains
    deviations : tuple of Deviation
        By more than 1e-6 of their gap; from left to right.
    allowed : int or None
        E + 2, E the number of links; None for nets that are not certified.
    clean_error, nearest_neighbour : CleanError
    difference : Difference
        L_cl − L_1NN, the sum of the masses of all gaps: those within rounding included and, under
        another truth than f* ≡ +1, those where N is 0 on a stretch, which is an error there even
        where the nearest neighbour says −1 and is right.
    steps : tuple of Claim
        The steps of the proof on this net; empty for nets that are not certified.
    certificate : KktCertificate
    reason : str
        One sentence.
    """

    verdict: Verdict
    links: tuple[Link, ...]
    chains: Chains
    deviations: tuple[Deviation, ...]
    allowed: int | None
    clean_error: CleanError
    nearest_neighbour: CleanError
    difference: Difference
    steps: tuple[Claim, ...]
    certificate: KktCertificate
    reason: str
