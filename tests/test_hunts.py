"""A short part of every long search."""

import re

import pytest
from hunts import command_lines, hostile_files, hostile_samples, iterations

from univariate.optimum import fitted_net, max_margin, newton


def test_hostile_samples_end_in_a_solution_or_one_error():
    ends, faults = hostile_samples.hunt(range(10**6, 10**6 + 150), every=10)
    assert faults == []
    assert ends["solved"] > 50
    assert ends["one clear error"] > 5


@pytest.mark.parametrize("seed", [46649, 84855, 89596])
def test_samples_that_a_hunt_found(seed):
    """No net at all of the search, and slopes that underflow."""
    assert hostile_samples.fault(seed, thorough=True)[0] is None


def test_rounds_are_counted_within_their_limits(capsys):
    before = max_margin.shortfall, fitted_net._fitted_lines, newton._walk
    assert iterations.main(["--count", "10"]) == 0
    assert (max_margin.shortfall, fitted_net._fitted_lines, newton._walk) == before
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "10 samples, 0 without a net in doubles"
    limits = max_margin._ATTEMPTS, fitted_net._REFINEMENTS, newton._STEPS
    for line, limit in zip(lines, limits, strict=True):
        counts = [int(n) for n in re.findall(r"(\d+): \d+", line)]
        assert min(counts) >= 1
        assert max(counts) <= limit


def test_hostile_files_end_in_what_was_written_or_one_error():
    counts, faults = hostile_files.hunt(range(10**6, 10**6 + 1000))
    assert faults == []
    assert counts["read as written"] > 100
    assert counts["refused"] > 1000


@pytest.mark.parametrize("seed", [11, 12])
def test_generated_command_lines_end_in_a_result_or_in_one_line(tmp_path, seed):
    kinds = set()
    for program, arguments, outcome in command_lines.faults(150, seed, tmp_path):
        assert not outcome.fault, (program, arguments, outcome)
        kinds.add(outcome.kind)
    assert kinds == {"done", "refused"}
