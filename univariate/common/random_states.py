"""The global random states of a process: those of `random`, of `np.random`, and of PyTorch where
that is imported.

Code that draws from them, as a fresh layer of PyTorch does, gives what depends on all that was
drawn before. Within `seeded` it depends on a key alone.
"""

import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from hashlib import blake2b
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any, Final

import numpy as np

_TURNS: Final = [threading.RLock()]
"""Held by the thread whose states are those of the process."""


@contextmanager
def seeded(key: tuple[object, ...]) -> Iterator[None]:
    """Start from global random states that depend on a key of numbers and texts alone, and put back
    those of before. Of several threads one is within at a time.

    A module that draws or seeds where it is imported does so once in a process: where that happens
    here, it moves no state. PyTorch is seeded if it is imported, also if that happens only here.
    """
    seed = int.from_bytes(blake2b(repr(key).encode(errors="surrogatepass"), digest_size=8).digest())
    with _TURNS[0], ExitStack() as stack:
        _keep(stack)
        random.seed(seed)
        if _numpy_state()["bit_generator"] == "MT19937":  # another one takes no seed
            np.random.seed([seed >> 32, seed & 0xFFFFFFFF])  # noqa: NPY002
        torch = _torch()
        if torch is not None:
            torch.manual_seed(seed)

        def import_apart(run: Callable[[], object]) -> None:
            """Import a module, and go on from the states of before."""
            had = _torch()
            with ExitStack() as inner:
                _keep(inner)
                run()
            torch = _torch()
            if had is None and torch is not None:
                _keep_torch(torch, stack)
                torch.manual_seed(seed)

        finder = _Imports(import_apart)
        sys.meta_path.insert(0, finder)
        stack.callback(finder.remove)
        yield


def turn() -> AbstractContextManager[object]:
    """Return what a thread holds within `seeded`, for other work of one thread at a time."""
    return _TURNS[0]


def _free() -> None:
    """Begin anew in a process that was forked, which has none of the threads that may hold it."""
    _TURNS[0] = threading.RLock()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_free)


def _keep(stack: ExitStack) -> None:
    """Put back all states at the end of a stack."""
    stack.callback(random.setstate, random.getstate())
    stack.callback(np.random.set_state, _numpy_state())
    torch = _torch()
    if torch is not None:
        _keep_torch(torch, stack)


def _keep_torch(torch: Any, stack: ExitStack) -> None:
    """Put back the states of all devices; those that are not in use yet get their former seed."""
    cuda = torch.cuda
    if cuda.is_initialized():
        stack.callback(cuda.set_rng_state_all, cuda.get_rng_state_all())
    else:
        stack.callback(cuda.manual_seed_all, torch.initial_seed())
    stack.callback(torch.set_rng_state, torch.get_rng_state())


def _numpy_state() -> Any:
    return np.random.get_state(legacy=False)  # noqa: NPY002 (other people's code draws from it)


def _torch() -> Any:
    """Return PyTorch if it is imported, and not one of that name."""
    found = sys.modules.get("torch")
    return found if hasattr(found, "manual_seed") else None


class _Imports:
    """Finds modules as Python does, and runs new ones, with all that they import, by a function."""

    def __init__(self, run: Callable[[Callable[[], object]], object]) -> None:
        self._run = run
        self._is_running = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return how a module is imported, None where others know."""
        if self._is_running:
            return None
        others = (one for one in sys.meta_path if one is not self and hasattr(one, "find_spec"))
        spec = next(filter(None, (one.find_spec(name, path, target) for one in others)), None)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            self._wrap(spec.loader)
        return spec

    def _wrap(self, loader: SourceFileLoader) -> None:
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            """Run a module as Python does; apart unless another one imports it, or all is over."""
            del loader.exec_module
            if self._is_running or self not in sys.meta_path:
                run(module)
                return
            self._is_running = True
            try:
                self._run(lambda: run(module))
            finally:
                self._is_running = False

        loader.exec_module = exec_module  # type: ignore[method-assign]

    def remove(self) -> None:
        """Leave imports to Python."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
