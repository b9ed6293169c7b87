"""Ctrl-C: at once wherever it strikes, or between two steps.

A signal that arrives inside compiled code is seen by the first Python function that runs after it:
the one by which numba makes the class of a returned NamedTuple. An exception raised there is lost
in a SystemError, or crashes.
"""

import _thread
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

Handler = Callable[[int, FrameType | None], object]

INTERRUPTED: Final = 130
"""Exit code of a command that Ctrl-C ended."""

_RETURNING: Final = "_numba_unpickle"
_PATIENCE: Final = 0.02
"""Seconds until the interrupt is tried again."""

_PENDING: Final[set[int]] = set()
"""The signal that will be tried again, if there is one."""


@contextmanager
def plain_interrupts() -> Iterator[None]:
    """Make Ctrl-C a KeyboardInterrupt everywhere: put off by a moment on the way out of compiled
    code.
    """
    with answered_by(interrupt):
        try:
            yield
        except SystemError as error:
            if not _caused_by_interrupt(error):
                raise
            raise KeyboardInterrupt from None


@contextmanager
def deferred_interrupts() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether Ctrl-C was pressed; pressed again, it interrupts at once.

    Where Python's own handler does not answer Ctrl-C, nothing changes.
    """
    asked = False

    def remember(number: int, frame: FrameType | None) -> None:
        """Note the first signal, interrupt at the second."""
        nonlocal asked
        if asked:
            interrupt(number, frame)
        asked = True

    with answered_by(remember):
        yield lambda: asked


@contextmanager
def leaving_interrupts() -> Iterator[None]:
    """Let Ctrl-C end the process at once, with the line and the code of a command: for its imports,
    which have nothing to keep, and some of which turn a KeyboardInterrupt into another error.
    """
    with answered_by(_leave):
        yield


def _leave(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, b"interrupted\n")
    finally:
        os._exit(INTERRUPTED)


@contextmanager
def default_interrupts() -> Iterator[None]:
    """Let Python's own handler answer Ctrl-C, which `deferred_interrupts` looks for."""
    with answered_by(signal.default_int_handler, usual=None):
        yield


@contextmanager
def answered_by(
    handler: Handler, number: int = signal.SIGINT, *, usual: Any = signal.default_int_handler
) -> Iterator[None]:
    """Let `handler` answer a signal, in the main thread, which alone gets signals.

    It takes the place of the usual handler; of that of somebody else only if none is usual.
    """
    before = signal.getsignal(number)
    ours = usual is None or before == usual
    ours = ours and threading.current_thread() is threading.main_thread()
    if ours:
        signal.signal(number, handler)
    try:
        yield
    finally:
        if ours:
            signal.signal(number, before)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, now or a moment later, on the way out of compiled code."""
    if not _returns(frame):
        raise KeyboardInterrupt
    # another signal may come while the first is put off; no thread can start within that start
    if _PENDING:
        return
    _PENDING.add(number)
    later = threading.Timer(_PATIENCE, _again, (number,))
    later.daemon = True
    later.start()


def _returns(frame: FrameType | None) -> bool:
    """Whether compiled code waits for a frame, or for one that this one was called from."""
    while frame is not None and frame.f_code.co_name != _RETURNING:
        frame = frame.f_back
    return frame is not None


def _again(number: int) -> None:
    """Send the main thread its signal again, also where it sleeps; Windows cannot wake it."""
    _PENDING.discard(number)
    main = threading.main_thread().ident
    if main is not None and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main, number)
    else:
        _thread.interrupt_main()


def _caused_by_interrupt(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
