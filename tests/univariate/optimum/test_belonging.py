"""Optima that are handed over: those of the sample are taken, those of another one are refused."""

from dataclasses import replace

import numpy as np
import pytest
import strategies
from hypothesis import given, settings

from univariate import (
    Sample,
    build_report,
    certify,
    draw_sample,
    global_minimum_certificate,
    local_minimum_certificate,
    max_margin,
    theorem_3_1,
    train_network,
)
from univariate.optimum.belonging import require_own

SAMPLE = draw_sample(30, 0.2, rng=0)
X, Y = SAMPLE.x, SAMPLE.y
PERMUTED = np.concatenate([np.roll(Y[:-3], 1), Y[-3:]])

OTHERS = {
    "another draw": (draw_sample(30, 0.2, rng=1), "do not prove here"),
    "labels turned": (Sample(X, -Y), "its net is not proved to have margins >= 1 here, .*"),
    "labels permuted": (Sample(X, PERMUTED), "do not prove here"),
    "reflected": (Sample.from_arrays(1.0 - X, Y), "do not prove here"),
    "reflected in 0": (Sample.from_arrays(-X, Y), "do not prove here"),
    "shifted": (Sample(X + 0.01, Y), "do not prove here"),
    "shifted by little": (Sample(X + 1e-12, Y), "margins >= 1 here, the least is 0.99999999"),
    "another size": (draw_sample(31, 0.2, rng=0), "31 multipliers for 30 observations"),
}

DOORS = {
    "report": build_report,
    "certify": certify,
    "global minimum": global_minimum_certificate,
    "local minimum": local_minimum_certificate,
    "theorem": theorem_3_1,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize(("other", "why"), OTHERS.values(), ids=OTHERS)
def test_the_optimum_of_another_sample_is_refused(door, other, why):
    """That of turned labels has the same multipliers, bound and norm."""
    message = rf"`optimum` must belong to `sample`, got that of another sample: .*{why}.*; pass max"
    with pytest.raises(ValueError, match=message):
        door(max_margin(SAMPLE).net, SAMPLE, optimum=max_margin(other))


def test_training_refuses_it_before_it_begins():
    turned = max_margin(OTHERS["labels turned"][0])
    with pytest.raises(ValueError, match="`optimum` must belong to `sample`"):
        train_network(SAMPLE, rng=0, optimum=turned)


def test_points_on_both_sides_of_the_origin_are_told_from_their_reflection():
    """Its multipliers are the same in the same order: the net tells."""
    sample = Sample([-2.0, -1.0, 1.0, 2.0], [1.0, -1.0, 1.0, -1.0])
    turned = Sample.from_arrays(-sample.x, sample.y)
    with pytest.raises(ValueError, match="margins >= 1"):
        require_own("optimum", max_margin(turned), sample)


def test_what_was_put_together_by_hand_is_refused():
    best = max_margin(SAMPLE)
    with pytest.raises(ValueError, match=r"does not have the norm\^2 1"):
        certify(best.net, SAMPLE, optimum=replace(best, norm_squared=1.0))
    with pytest.raises(TypeError, match="`optimum` must be a MaxMargin, got ReluNet; pass max_m"):
        certify(best.net, SAMPLE, optimum=best.net)


@given(strategies.samples(max_size=8, unit_interval=False))
@settings(max_examples=50)
def test_the_optimum_of_a_sample_is_its_own(points):
    sample = Sample(*points)
    require_own("optimum", max_margin(sample), sample)


@pytest.mark.parametrize("m", [5_000, 50_000])
def test_large_optima_are_their_own(m):
    sample = draw_sample(m, 0.2, rng=0)
    require_own("optimum", max_margin(sample), sample)
