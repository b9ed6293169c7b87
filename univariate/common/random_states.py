"""The global random states of a process: those of `random`, of `np.random`, and of PyTorch where
that is imported.

Code that draws from them, as a fresh layer of PyTorch does, gives what depends on all that was
drawn before. Within `seeded` it depends on a key alone.
"""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import blake2b
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any, Final

import numpy as np

_TORCH: Final = "torch"


@contextmanager
def seeded(key: tuple[object, ...]) -> Iterator[None]:
    """Start from global random states that depend on a key of numbers and texts alone, and put back
    those of before.

    PyTorch is seeded if it is imported, also if that happens only here.
    """
    seed = int.from_bytes(blake2b(repr(key).encode(errors="surrogatepass"), digest_size=8).digest())
    with ExitStack() as stack:
        stack.callback(random.setstate, random.getstate())
        random.seed(seed)
        _seed_numpy(seed, stack)
        torch = sys.modules.get(_TORCH)
        if hasattr(torch, "manual_seed"):
            _seed_torch(torch, seed, stack)
        else:
            finder = _OnImport(lambda module: _seed_torch(module, seed, stack))
            sys.meta_path.insert(0, finder)
            stack.callback(finder.remove)
        yield


def _seed_numpy(seed: int, stack: ExitStack) -> None:
    before = np.random.get_state(legacy=False)  # noqa: NPY002 (other people's code draws from it)
    if before["bit_generator"] == "MT19937":  # another one, of the caller's choice, takes no seed
        stack.callback(np.random.set_state, before)
        np.random.seed([seed >> 32, seed & 0xFFFFFFFF])  # noqa: NPY002


def _seed_torch(torch: Any, seed: int, stack: ExitStack) -> None:
    """Seed all devices; those that are not in use yet get their former seed back."""
    cuda = torch.cuda
    if cuda.is_initialized():
        stack.callback(cuda.set_rng_state_all, cuda.get_rng_state_all())
    else:
        stack.callback(cuda.manual_seed_all, torch.initial_seed())
    stack.callback(torch.set_rng_state, torch.get_rng_state())
    torch.manual_seed(seed)


class _OnImport:
    """Finds PyTorch as Python does, and calls a function with it when it has been imported."""

    def __init__(self, then: Callable[[Any], None]) -> None:
        self._then = then

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Return how PyTorch is imported, None for all else."""
        if name != _TORCH:
            return None
        self.remove()
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                """Run PyTorch as Python does, then go on."""
                run(module)
                self._then(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def remove(self) -> None:
        """Leave imports to Python."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
