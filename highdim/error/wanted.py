"""What is asked for of a clean error."""

from typing import NamedTuple


class Wanted(NamedTuple):
    """A method by its name, the samples and the relative half width that are asked for, None where
    left to the method, and the confidence of the interval.
    """

    method: str
    samples: int | None
    level: float
    precision: float | None
