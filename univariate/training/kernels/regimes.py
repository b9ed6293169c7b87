"""What becomes of kinks at data in an implicit step of the flow: cross, slide, or leave.

At a datum i of the other sign, y_i v_j < 0, the flow of a kink may point towards it from both
sides; the differential inclusion then holds the kink there, with the σ'_ij = `share` in [0, 1] that
keeps w_j x_i + b_j at 0. A step decides by the weights −ℓ'/L at its end: a held kink whose share
leaves [0, 1] is let go to that side, a free one that would cross such a datum is held if its share
there is in [0, 1]. Data of a neuron's own sign repel and are crossed.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

FREE = -1


class Weighed(NamedTuple):
    """Data with weights first = −ℓ'/L, and sums (2, m + 1) of y first x and y first over i ≥ k and
    over i < k.
    """

    x: np.ndarray
    y: np.ndarray
    first: np.ndarray
    after: np.ndarray
    before: np.ndarray


@kernel
def sums(x: np.ndarray, y: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `after` and `before`."""
    m = len(x)
    after = np.zeros((2, m + 1))
    before = np.zeros((2, m + 1))
    for i in range(m - 1, -1, -1):
        charge = y[i] * first[i]
        after[0, i] = after[0, i + 1] + charge * x[i]
        after[1, i] = after[1, i + 1] + charge
    for i in range(m):
        charge = y[i] * first[i]
        before[0, i + 1] = before[0, i] + charge * x[i]
        before[1, i + 1] = before[1, i] + charge
    return after, before


@kernel
def share_at(v, w, i, data):
    """σ' that keeps a kink on datum i: ż without it, over what the datum takes away; ±inf where
    that is nothing.
    """
    k = i + 1 if w >= 0.0 else i
    table = data.after if w >= 0.0 else data.before
    drift = v * (data.x[i] * table[0, k] + table[1, k])
    pull = -v * data.y[i] * data.first[i] * (data.x[i] * data.x[i] + 1.0)
    if pull > 0.0:
        return drift / pull
    return np.inf if drift > 0.0 else -np.inf


@kernel
def let_go(
    v: np.ndarray,
    w: np.ndarray,
    held: np.ndarray,
    cell: np.ndarray,
    data: Weighed,
    tries: np.ndarray,
    most: int,
) -> int:
    """Let go, in place, of held kinks whose share is not in [0, 1]; returns how many.

    They are active on their datum from now on if the share exceeds 1, although w x_i + b is 0
    there.
    """
    count = 0
    for j in range(len(v)):
        i = held[j]
        if i == FREE or tries[j] >= most:
            continue
        share = share_at(v[j], w[j], i, data)
        if 0.0 <= share <= 1.0:
            continue
        active = share > 1.0
        cell[j] = i if active == (w[j] >= 0.0) else i + 1
        held[j] = FREE
        tries[j] += 1
        count += 1
    return count


@kernel
def caught(
    v: np.ndarray,
    w: np.ndarray,
    held: np.ndarray,
    cell: np.ndarray,
    there: np.ndarray,
    data: Weighed,
    tries: np.ndarray,
    most: int,
) -> int:
    """Hold, in place, free kinks on the first datum between `cell` and `there` that keeps them;
    returns how many.
    """
    count = 0
    for j in range(len(v)):
        if held[j] != FREE or cell[j] == there[j] or tries[j] >= most:
            continue
        step = 1 if there[j] > cell[j] else -1
        i = cell[j] if step > 0 else cell[j] - 1
        while i != (there[j] if step > 0 else there[j] - 1):
            if v[j] * data.y[i] < 0.0:
                share = share_at(v[j], w[j], i, data)
                active = (step > 0) == (w[j] >= 0.0)  # on i before the step
                if (active and share > 0.0) or (not active and share < 1.0):
                    held[j] = i
                    cell[j] = i + 1 if w[j] >= 0.0 else i
                    tries[j] += 1
                    count += 1
                    break
            i += step
    return count
