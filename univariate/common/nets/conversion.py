"""What to do with what is no net of this package and may become one."""

from collections.abc import Mapping
from os import PathLike
from typing import Any


def conversion(
    value: Any,
    otherwise: str,
    *,
    of_torch: str = "ReluNet.from_torch",
    of_sklearn: str = "ReluNet.from_sklearn",
) -> str:
    """Return what to do: the call that converts a module or state_dict of PyTorch, the one for an
    MLP of scikit-learn, reading if it is a path, the net of a result that has one, or else
    `otherwise`.
    """
    if isinstance(value, Mapping) or callable(getattr(value, "state_dict", None)):
        return f"convert it by {of_torch}"
    if hasattr(value, "coefs_"):
        return f"convert it by {of_sklearn}"
    if isinstance(value, str | bytes | PathLike):
        return "read a file by load_network"
    if hasattr(getattr(value, "net", None), "fingerprint"):
        return "pass its .net"
    return otherwise
