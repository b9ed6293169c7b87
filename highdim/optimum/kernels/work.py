"""What branch and bound on cones works on."""

from typing import NamedTuple

import numpy as np


class Task(NamedTuple):
    """Data f (m, k), weights w (m,), upper bounds on the ‖f_i‖ (m,); a cone whose bound is at most
    `target`, or `relative` above the largest value found, is done; at most `budget` cones.
    """

    f: np.ndarray
    w: np.ndarray
    length: np.ndarray
    target: float
    relative: float
    budget: int


class Stack(NamedTuple):
    """Cones still to be bounded: T (s, k, k), c in two parts (s, 2, k), slack, depth and the
    segment of `listed` that holds the crossing data: its start and their number.
    """

    T: np.ndarray
    c: np.ndarray
    slack: np.ndarray
    depth: np.ndarray
    start: np.ndarray
    number: np.ndarray
    listed: np.ndarray

    @classmethod
    def of(cls, m: int, k: int) -> "Stack":
        """Return a stack for m data in k dimensions: 64 k cones deep, the orthants apart."""
        size = (1 << k) + 64 * k
        return cls(
            T=np.zeros((size, k, k)),
            c=np.zeros((size, 2, k)),
            slack=np.zeros(size),
            depth=np.zeros(size, dtype=np.int64),
            start=np.zeros(size, dtype=np.int64),
            number=np.zeros(size, dtype=np.int64),
            listed=np.zeros(size * m, dtype=np.int64),
        )


class Scratch(NamedTuple):
    """Of one cone: values T f_i (m, k) of its crossing data, κ (m,), h and its error (k,), a (k,),
    a trial q and a, and a linear system (k, k + 1).
    """

    s: np.ndarray
    kappa: np.ndarray
    h: np.ndarray
    error: np.ndarray
    a: np.ndarray
    trial: np.ndarray
    share: np.ndarray
    system: np.ndarray

    @classmethod
    def of(cls, m: int, k: int) -> "Scratch":
        """Return room for m data in k dimensions."""
        return cls(
            s=np.zeros((m, k)),
            kappa=np.zeros(m),
            h=np.zeros(k),
            error=np.zeros(k),
            a=np.zeros(k),
            trial=np.zeros(k),
            share=np.zeros(k),
            system=np.zeros((k, k + 1)),
        )
