"""What the kernels about great circles hand to one another."""

from typing import NamedTuple

import numpy as np


class Pieces(NamedTuple):
    """Pieces of k circles, from left to right on each, none longer than a quadrant."""

    first: np.ndarray  # (k + 1,) circle i has the pieces first[i], …, first[i + 1] − 1
    left: np.ndarray  # (q, 2) cos φ, sin φ of the left end
    right: np.ndarray  # (q, 2)
    coefficients: np.ndarray  # (q, 3) A, B, C
    nonpositive: np.ndarray  # (q,) whether N ≤ 0 for certain


class Upper(NamedTuple):
    """Second hidden layer and output."""

    v: np.ndarray  # (n2,)
    columns: np.ndarray  # (n1, n2) transposed weights
    b: np.ndarray  # (n2,)
    band: np.ndarray  # (n2,) bounds on the rounding errors of pre-activations
    slack: float  # bound on that of N


class Rows(NamedTuple):
    """Sinusoids of the second layer on the present piece, and its switches inside."""

    lines: np.ndarray  # (3, n2) A, B, C
    reach: np.ndarray  # (n2,) how many active neurons reach each, a float
    ends: np.ndarray  # (4, n2) values at the left and right end, derivatives there
    on: np.ndarray  # (n2,) active
    events: np.ndarray  # (4, 2 n2) sine of the angle from the left end, cosine, sine, neuron
