"""Warnings of these packages, which name the line of the user's own code that called them."""

import sys
import warnings
from collections.abc import Iterator
from types import FrameType

from univariate.common.digests.own_code import is_installed, is_library

_GENERATED = "__create_fn__."
"""Beginning of the names of the methods that `dataclass` writes, which are in no file."""


def warn(text: str, kind: type[Warning] = UserWarning) -> None:
    """Warn of something at the line that called these packages, whatever is between it and here:
    methods that `dataclass` writes, modules of Python and of other packages.
    """
    frame = _caller()
    names = frame.f_globals
    warnings.warn_explicit(
        text,
        kind,
        frame.f_code.co_filename,
        frame.f_lineno or 1,
        module=names.get("__name__", "<string>"),
        registry=names.setdefault("__warningregistry__", {}),
    )


def _caller() -> FrameType:
    """Return the innermost frame of someone's own code; where there is none, as in a thread or a
    process of an installed package, that of whatever called these packages.
    """
    others = [frame for frame in _frames(sys._getframe(2)) if not _is_ours(frame)]
    own = (frame for frame in others if not is_installed(frame.f_code.co_filename))
    # a package that runs as a program, as `python -m` does, has no other frames
    return next(own, others[0] if others else sys._getframe(2))


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _is_ours(frame: FrameType) -> bool:
    """Whether a frame is of these packages, or of no place that anyone wrote."""
    code = frame.f_code
    return is_library(code.co_filename) or code.co_qualname.startswith(_GENERATED)
