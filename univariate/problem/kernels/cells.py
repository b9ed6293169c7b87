"""Where kinks lie among increasing data."""

import math

import numpy as np

from univariate.common.jit import kernel


@kernel
def first_from(x, t, guess):
    """The least i with x[i] ≥ t, in steps that double from a guess on; len(x) if there is none."""
    step = 1
    if guess < len(x) and x[guess] < t:
        low = guess + 1
        high = low
        while high < len(x) and x[high] < t:
            low = high + 1
            high += step
            step *= 2
        high = min(high, len(x))
    else:
        high = guess
        low = guess - 1
        while low >= 0 and x[low] >= t:
            high = low
            low -= step
            step *= 2
        low = max(low + 1, 0)
    while low < high:
        middle = (low + high) // 2
        if x[middle] < t:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def places(x: np.ndarray, kinks: np.ndarray) -> np.ndarray:
    """How many x (m,) are left of each kink (n,), none NaN.

    Cost O(log m) a kink, less where it is near the one before.
    """
    found = np.empty(len(kinks), np.int64)
    guess = 0
    for j in range(len(kinks)):
        guess = first_from(x, kinks[j], guess)
        found[j] = guess
    return found


@kernel
def bin_of(t, low, high, count):
    """The bin of t among `count` equal ones from `low` to `high`, the nearest for others."""
    half = 0.5 * high - 0.5 * low  # whole widths may be beyond the range of doubles
    if not t > low or half == 0.0:
        return 0
    if t >= high:
        return count - 1
    return min(int((0.5 * t - 0.5 * low) / half * count), count - 1)


@kernel
def scattered_places(x: np.ndarray, kinks: np.ndarray) -> np.ndarray:
    """The same for kinks in any order, each from the first x of its bin on.

    There are as many equal bins as x: O(1) a kink if they are spread, O(log m) at worst.
    """
    m = len(x)
    first = np.empty(m, np.int64)
    filled = 0
    for i in range(m):
        here = bin_of(x[i], x[0], x[-1], m)
        while filled <= here:
            first[filled] = i
            filled += 1
    first[filled:] = m - 1
    found = np.empty(len(kinks), np.int64)
    for j in range(len(kinks)):
        found[j] = first_from(x, kinks[j], first[bin_of(kinks[j], x[0], x[-1], m)])
    return found


@kernel
def away(w, b, x):
    """How far a kink is from x, |w x + b|/√(1 + x²); inf if moving (w, b) there turns the neuron
    round: it then looks the other way, as if its kink passed infinity.
    """
    # (w, b) comes to be a multiple w − b x of (1, −x)
    ahead = w - b * x
    turned = ahead > 0.0 if w < 0.0 else ahead < 0.0
    return np.inf if turned else abs(w * x + b) / math.hypot(1.0, x)


@kernel
def nearer(
    w: np.ndarray, b: np.ndarray, after: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The nearer of the two data beside each kink, and how far `away` it is."""
    datum = np.empty(len(w), np.int64)
    distance = np.empty(len(w))
    for j in range(len(w)):
        right = min(after[j], len(x) - 1)
        beyond = away(w[j], b[j], x[right])
        datum[j] = max(after[j] - 1, 0)
        distance[j] = away(w[j], b[j], x[datum[j]])
        if beyond < distance[j]:
            datum[j] = right
            distance[j] = beyond
    return datum, distance


@kernel
def positions(
    datum: np.ndarray, distance: np.ndarray, after: np.ndarray, reach: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions of cuts, 2i + 1 for those on datum i, within `reach` of it; that datum, −1 if none,
    and its distance, 0 if none.
    """
    n = len(datum)
    position = np.empty(n, np.int64)
    on = np.empty(n, np.int64)
    away = np.empty(n)
    for j in range(n):
        near = distance[j] <= reach
        position[j] = 2 * datum[j] + 1 if near else 2 * after[j]
        on[j] = datum[j] if near else -1
        away[j] = distance[j] if near else 0.0
    return position, on, away
