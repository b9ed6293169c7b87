"""Ctrl-C, wherever it strikes.

A signal that arrives inside compiled code is seen by the first Python function that runs after it:
the one by which numba makes the class of a returned NamedTuple. An exception raised there is lost
in a SystemError, or crashes.
"""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_RETURNING: Final = "_numba_unpickle"
_PATIENCE: Final = 0.02
"""Seconds until the interrupt is tried again."""


@contextmanager
def plain_interrupts() -> Iterator[None]:
    """Make Ctrl-C a KeyboardInterrupt everywhere: put off by a moment on the way out of compiled
    code.
    """
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    ours = ours and threading.current_thread() is threading.main_thread()
    if ours:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    except SystemError as error:
        if not _caused_by_interrupt(error):
            raise
        raise KeyboardInterrupt from None
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def own_interrupts() -> Iterator[None]:
    """Give Python's own handler of Ctrl-C back, for code that defers it only where it finds that
    one: training ends between two steps.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _interrupt(_: int, frame: FrameType | None) -> None:
    if frame is None or frame.f_code.co_name != _RETURNING:
        raise KeyboardInterrupt
    later = threading.Timer(_PATIENCE, _again)
    later.daemon = True
    later.start()


def _again() -> None:
    """Interrupt the main thread, also where it sleeps; Windows cannot wake it."""
    main = threading.main_thread().ident
    if main is not None and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _caused_by_interrupt(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
