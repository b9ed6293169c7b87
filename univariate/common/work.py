"""Work that takes long: many runs, here or by several processes, below one progress bar.

Ctrl-C loses the runs that it strikes; results that were yielded before are the caller's.
"""

import os
import signal
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from os import cpu_count
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, Final, TypeVar

from univariate.common import check
from univariate.common.console import can_redraw
from univariate.common.interrupt import plain_interrupts
from univariate.common.words import counted

if TYPE_CHECKING:
    from rich.console import Console

_PREPARED: Final[set[str]] = set()
_MOST_PROCESSES = 64  # on small machines, whose owners ask for a few too many
_SAFE: Final = "PYTHONSAFEPATH"
_OURS: Final = "processes of tempered-overfitting"

J = TypeVar("J")
R = TypeVar("R")
T = TypeVar("T")


def results(
    jobs: Iterable[J],
    measure: Callable[[J], R],
    *,
    n_jobs: int = 1,
    backend: str = "loky",
    prepare: Callable[[], object] = lambda: None,
) -> Iterator[tuple[J, R]]:
    """Yield every job with its result: in order from one process, as they come from several.

    Parameters
    ----------
    jobs, measure
        `measure` is called with every job.
    n_jobs : int
        Processes, each with one thread.
    backend : str
        Of joblib: "loky", local processes, or "dask", the workers of the current
        `distributed.Client`.
    prepare : callable
        Called once in every process before the first job, to compile what `measure` needs.

    Raises
    ------
    ChildProcessError
        A local process was killed; results before it were yielded.
    RuntimeError
        What is to be computed cannot be sent to another process, or not loaded there.
    """
    if n_jobs == 1 and backend == "loky":
        prepare()
        for job in jobs:
            yield job, measure(job)
        return
    from joblib import Parallel, delayed, parallel_config

    threads = {"inner_max_num_threads": 1} if backend == "loky" else {}
    with parallel_config(backend=backend, n_jobs=n_jobs, **threads):
        parallel = Parallel(return_as="generator_unordered", pre_dispatch="2 * n_jobs")
        with _own_modules():
            finished = parallel(delayed(_remote)(job, measure, prepare) for job in jobs)
        yield from _while_all_live(finished)


def processes(n_jobs: Any) -> int:
    """Return a number of processes, `n_jobs`, if this machine can do with as many: hundreds for a
    processor only wait for each other, and none finishes.
    """
    number = check.count("n_jobs", n_jobs)
    processors = cpu_count() or 1
    most = max(_MOST_PROCESSES, 4 * processors)
    if number > most:
        raise ValueError(
            f"`n_jobs` must be at most {most} on this machine of {counted(processors, 'processor')}"
            f", got {check.shown(n_jobs)}; pass the number of processors"
        )
    return number


def require_backend(backend: str) -> None:
    """Raise unless what a backend of `results` needs is there: ModuleNotFoundError without Dask,
    ValueError without a client of it.
    """
    if backend != "dask":
        return
    require_dask("backend")
    from distributed import get_client

    try:
        get_client()
    except ValueError:
        raise ValueError(
            "`backend` dask needs the workers of a distributed.Client, got none; make one first, as"
            " distributed.Client('tcp://localhost:8786')"
        ) from None


def require_dask(name: str) -> None:
    """Raise ModuleNotFoundError if Dask, which the argument `name` asks for, is not installed."""
    if find_spec("distributed") is None:
        raise ModuleNotFoundError(
            f"`{name}` needs Dask, which is not installed; install tempered-overfitting[cluster],"
            " or use loky, the processes of this machine"
        )


def _while_all_live(finished: Generator[T, None, None]) -> Iterator[T]:
    """Yield what workers finish; say in one line what it means that one of them is gone."""
    from joblib.externals.loky.process_executor import BrokenProcessPool, TerminatedWorkerError

    try:
        # `yield from` would close it before the warning is turned off
        for one in finished:  # noqa: UP028
            yield one
    except TerminatedWorkerError:
        raise ChildProcessError(
            "a worker was killed by the system, mostly for want of memory; finished runs are kept,"
            " the same command goes on: lower `n_jobs`, or close other programs"
        ) from None
    except PicklingError as error:
        raise RuntimeError(
            f"what is to be computed cannot be sent to another process, {_last_line(error)}; make"
            " such objects where they are used, or leave out `n_jobs`"
        ) from None
    except BrokenProcessPool as error:
        raise RuntimeError(
            f"another process cannot load what it is to compute, {_last_line(error)}; see that it"
            " can be imported there, or leave out `n_jobs`"
        ) from None
    finally:
        with warnings.catch_warnings():
            # who breaks off is advised to ask for less
            warnings.simplefilter("ignore", UserWarning)
            finished.close()


def _last_line(error: Exception) -> str:
    """Return what another process, or a thread, said last of an error."""
    lines = str(error.__cause__ or error).strip('"\n ').splitlines()
    return lines[-1] if lines else type(error).__name__


@contextmanager
def _own_modules() -> Iterator[None]:
    """Let processes that are begun find the modules that are found here: Python would look into the
    current folder first, where a file may be called json.py.
    """
    if _SAFE in os.environ:
        yield
        return
    os.environ[_SAFE] = _OURS
    try:
        yield
    finally:
        del os.environ[_SAFE]


@contextmanager
def progress(
    console: "Console | None", *, total: float, done: int, runs: int
) -> Iterator[Callable[[float], None]]:
    """Show a bar over the expected work, and make Ctrl-C a KeyboardInterrupt wherever it strikes.

    Give a function to be called with the cost of every finished run; `total` is the cost of all
    that are missing, `done` of `runs` are there already. Without a console on which lines can be
    redrawn nothing is shown.
    """
    if console is None or not can_redraw(console):
        with plain_interrupts():
            yield lambda _: None
        return
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.fields[done]}/{task.fields[runs]} runs"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    with (
        plain_interrupts(),
        # long runs differ from short ones: a rate over seconds would say nothing
        Progress(*columns, console=console, speed_estimate_period=600.0) as bar,
    ):
        task = bar.add_task("", total=total, done=done, runs=runs)

        def advance(cost: float) -> None:
            """Count a finished run, and move the bar by its cost."""
            nonlocal done
            done += 1
            bar.update(task, advance=cost, done=done)

        yield advance


def _remote(job: J, measure: Callable[[J], R], prepare: Callable[[], object]) -> tuple[J, R]:
    if threading.current_thread() is threading.main_thread():
        # Ctrl-C on a terminal reaches workers too; who started them ends them
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.environ.get(_SAFE) == _OURS:  # programs that are begun from there are others' affair
        del os.environ[_SAFE]
    _once(prepare)
    return job, measure(job)


def _once(prepare: Callable[[], object]) -> None:
    """Call a function once in this process, although every job may bring its own copy of it."""
    name = f"{prepare.__module__}.{prepare.__qualname__}"
    if name not in _PREPARED:
        prepare()
        _PREPARED.add(name)
