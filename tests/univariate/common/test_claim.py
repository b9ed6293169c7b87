"""Claims: decided, shown, and written."""

import pytest

from univariate.common.claim import Kind, Source, concluded, decide, fact
from univariate.common.result import Verdict
from univariate.problem.draws import draw_sample
from univariate.problem.events import sample_events


@pytest.mark.core
def test_an_enclosure_that_holds_the_threshold_decides_nothing():
    ends = {"low": 0.9, "high": 1.1}
    assert decide("", "a", 1.0, "≤", 1.1, **ends).verdict is Verdict.HOLDS
    assert decide("", "a", 1.0, "≤", 1.0, **ends).verdict is Verdict.UNDECIDED
    assert decide("", "a", 1.0, "<", 0.9, **ends).verdict is Verdict.FAILS


@pytest.mark.core
def test_a_conclusion_is_no_stronger_than_its_weakest_hypothesis():
    holds, fails = (fact("b", condition) for condition in (True, False))
    undecided = decide("", "c", 1.0, ">", 1.0, low=0.0, high=2.0)
    assert concluded([holds], fails) is Verdict.FAILS
    for weak in (fails, undecided):
        assert concluded([holds, weak], holds) is Verdict.UNDECIDED
        assert concluded([holds, weak], fails) is Verdict.UNDECIDED


@pytest.mark.core
def test_claims_inside_results_show_their_numbers():
    events = sample_events(draw_sample(30, 0.2, rng=3), 0.1)
    assert repr(events.largest_gap).startswith("Claim(source='Lemma A.1', claim=")
    assert events.largest_gap.source is Source.LEMMA_A_1
    number = f"{events.largest_gap.value:.4g}"
    assert f"largest_gap=<largest gap: {number} <= " in repr(events)
    assert events.to_dict()["largest_gap"]["holds"] is events.largest_gap.holds
    assert fact("c", True, kind=Kind.SAMPLE).brief() == "<c HOLDS>"
