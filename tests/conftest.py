"""What holds for every test: hypothesis has no deadline (compilation takes its time) and draws
the same examples every time; workers do not fight for processors; Ctrl-C can be pressed; the
garbage collector leaves the tests themselves alone.
"""

import gc
import os
import signal
import sys

import pytest
from hypothesis import HealthCheck, settings

# Before numpy and numba load: threads that spin while they wait for one another take the processors
# from the other workers. A product of matrices has other last digits on two threads than on one, so
# a worker and a single process see the same bits. `.ci/run` asks for two threads once.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

# as for every job that a shell starts in the background
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Thousands of tests live until the end: looking through them again and again for garbage took
    a third of the time of collecting them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_finish(session):
    """Note which kernels importing the tests has compiled; `tests/test_layers.py` wants none."""
    compiled = [
        f"{module.__name__}.{name}"
        for module in list(sys.modules.values())
        if ".kernels." in getattr(module, "__name__", "")
        for name, function in vars(module).items()
        if getattr(function, "nopython_signatures", ())
    ]
    session.config.compiled_on_import = compiled
