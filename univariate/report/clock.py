"""Wall times of the stages of a report."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

T = TypeVar("T")
Given = ParamSpec("Given")


class Clock:
    """Calls functions, and keeps how many seconds each took under the name of its stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(
        self, stage: str, work: Callable[Given, T], *args: Given.args, **options: Given.kwargs
    ) -> T:
        """Return what a function gives."""
        start = time.perf_counter()
        result = work(*args, **options)
        self.seconds[stage] = time.perf_counter() - start
        return result
