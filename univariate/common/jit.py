"""The package's one way to compile a kernel.

Compiled code is cached on disk and made on the first call, so importing stays cheap. Division
follows IEEE 754 (``error_model="numpy"``). ``fastmath`` is never on: it deletes the error terms of
the error-free transformations that every rigorous bound in this package rests on.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile a serial kernel (positional arrays in, no validation, no allocation of Python
    objects).
    """
    return cast(Function, numba.njit(cache=True, error_model="numpy")(function))


def parallel_kernel(function: Function) -> Function:
    """Compile a kernel whose outermost ``prange`` iterations are independent, so that threads
    change no bit.
    """
    return cast(Function, numba.njit(cache=True, error_model="numpy", parallel=True)(function))
