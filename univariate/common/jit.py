"""The package's one way to compile a kernel.

Compiled code is cached on disk and made on the first call, so importing stays cheap; where nothing
can be cached (a read-only installation and no home, a full disk), it is compiled anew in every
process, after one warning that says so. Division follows IEEE 754 (``error_model="numpy"``).
``fastmath`` is never on: it deletes the error terms of the error-free transformations that every
rigorous bound in this package rests on.
"""

import functools
import os
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])

_HINT: Final = (
    "compiled kernels cannot be kept on disk ({}), so every process compiles them anew; set"
    " NUMBA_CACHE_DIR to a folder that can be written to"
)
# Nobody asks for the address of a kernel: the wrapper behind it need not be compiled.
_NJIT: Final[Any] = functools.partial(numba.njit, error_model="numpy", no_cfunc_wrapper=True)
_UNLITERAL: Final[Any] = numba.types.unliteral
_IN_PARALLEL: Final = threading.Lock()
_STATE: Final = {"forked": False, "warned": False}


def kernel(function: Function) -> Function:
    """Compile a serial kernel (positional arrays in, no validation, no allocation of Python
    objects).
    """
    return _compiled(function)


def parallel_kernel(function: Function) -> Function:
    """Compile a kernel whose outermost ``prange`` iterations are independent, so that threads
    change no bit.

    It runs in parallel in one thread at a time, since not every threading layer of numba bears
    more, and serially in the others and in forked processes, which have no threads to run in.
    """
    # of another name, since numba's cache does not tell the two apart otherwise
    alone = cast(Function, types.FunctionType(function.__code__, function.__globals__))
    alone.__qualname__ = alone.__name__ = f"{function.__name__}_serially"
    alone.__module__ = function.__module__
    serial = _compiled(alone)
    parallel = _compiled(function, parallel=True)

    @functools.wraps(function)
    def run(*arguments: Any) -> Any:
        """Run in parallel if nobody else does."""
        if _STATE["forked"] or not _IN_PARALLEL.acquire(blocking=False):
            return serial(*arguments)
        try:
            return parallel(*arguments)
        finally:
            _IN_PARALLEL.release()

    return cast(Function, run)


def _compiled(function: Function, *, parallel: bool = False) -> Function:
    try:
        found: Any = _NJIT(cache=True, parallel=parallel)(function)
    except RuntimeError as error:  # no place for a cache
        _warn(str(error).split(":", maxsplit=1)[0])
        found = _NJIT(parallel=parallel)(function)
    cache = getattr(found, "_cache", None)
    if cache is not None and hasattr(cache, "_guard_against_spurious_io_errors"):
        cache._guard_against_spurious_io_errors = _forgiving
    if hasattr(found, "get_call_template"):
        _make_callable_by_kernels(found, function)
    return cast(Function, found)


def _make_callable_by_kernels(found: Any, function: Callable[..., object]) -> None:
    """Give kernels that call this one a version without a way in from Python, which they inline:
    that way is most of what compiling a short function takes.
    """
    inner = _NJIT(no_cpython_wrapper=True)(function)
    found.get_call_template = _of_any_number(inner.get_call_template)
    found.get_overload = inner.get_overload


def _of_any_number(template: Callable[..., object]) -> Callable[..., object]:
    """Compile a kernel that another calls once for all numbers.

    While types are inferred, ``n = 0`` before a loop is a literal at first: numba compiled what is
    called with it for that number, and again for any.
    """

    def without_literals(arguments: Iterable[Any], keywords: Mapping[str, Any]) -> object:
        """Ask for any number instead of one."""
        named = {name: _UNLITERAL(given) for name, given in keywords.items()}
        return template(tuple(map(_UNLITERAL, arguments)), named)

    return without_literals


@contextmanager
def _forgiving() -> Iterator[None]:
    """Go on without the cache where the disk is full or a file in it is damaged."""
    try:
        yield
    # whatever unpickling raises on bytes that a crash left
    except Exception as error:
        interrupt = error.__cause__ or error.__context__
        if isinstance(interrupt, KeyboardInterrupt):
            # pressed while C code pickles a kernel, it comes out as the cause of a SystemError
            raise interrupt from None
        _warn(f"{type(error).__name__}: {error}")


def _warn(reason: str) -> None:
    if not _STATE["warned"]:
        _STATE["warned"] = True
        # an import that nearly nobody needs
        from univariate.common.warn import warn

        warn(_HINT.format(reason), RuntimeWarning)


def _after_fork() -> None:
    _STATE["forked"] = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
