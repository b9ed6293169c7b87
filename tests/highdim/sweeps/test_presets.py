"""The presets are the paper's runs."""

import pytest

import highdim
from highdim.sweeps.presets import NOISE, SIZES, preset, protocol_time


@pytest.mark.parametrize("name", highdim.PRESETS)
@pytest.mark.parametrize("size", SIZES)
def test_presets(name, size):
    runs = preset(name, size)
    assert len(set(runs)) == len(runs)
    assert {run.m for run in runs} == {2000 if name == "figure-1-right" else 500}
    assert {run.depth for run in runs} == {3 if name == "figure-2-right" else 2}
    assert all(run.flow_time == protocol_time(run.m) for run in runs)
    if size == "paper":
        assert {run.p for run in runs} == set(NOISE)
        assert {run.seed for run in runs} == set(range(10))


def test_figure_1_left_has_the_paper_s_levels_on_two_cores():
    runs = preset("figure-1-left")
    assert {run.p for run in runs} == {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5}
    assert len({run.seed for run in runs}) >= 4
    assert len({run.d for run in runs}) >= 5


def test_widths_of_figure_2():
    assert {run.width for run in preset("figure-2-left", "paper")} == {50, 3000}


def test_the_door():
    with pytest.raises(
        ValueError, match=r"`name` must be one of figure-1-left, .*, got 'figure-3'"
    ):
        preset("figure-3")
    with pytest.raises(ValueError, match="`size` must be one of quick, two-core, paper, got 'all'"):
        preset("figure-1-left", "all")
