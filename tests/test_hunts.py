"""A short part of every long search."""

from hunts import hostile_samples


def test_hostile_samples_end_in_a_solution_or_one_error():
    ends, faults = hostile_samples.hunt(range(10**6, 10**6 + 150), every=10)
    assert faults == []
    assert ends["solved"] > 50
    assert ends["one clear error"] > 5
