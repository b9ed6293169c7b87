"""A few hundred of the command lines that `python -m tests.command_lines` generates."""

import pytest
from command_lines import faults

SEEDS = (11, 12)
COUNT = 150


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_command_lines_end_in_a_result_or_in_one_line(tmp_path, seed):
    kinds = set()
    for program, arguments, outcome in faults(COUNT, seed, tmp_path):
        assert not outcome.fault, (program, arguments, outcome)
        kinds.add(outcome.kind)
    assert kinds == {"done", "refused"}
