"""The longest chain of possible links on the right of any centre; see `law.sample_bounds`."""

import math

import numpy as np

from univariate.common.jit import kernel


@kernel
def longest_chain(angles: np.ndarray, second_change: np.ndarray, slack: float) -> int:
    """Return the most first bends that links right of one centre can have, the first link's aside.

    Angles are increasing in (−π/2, π/2); second_change[i] is the first datum by which the labels
    from i on have changed twice. For the centre c a bend α_i is possible if its 2 α_i − c stays
    below π/2 and below that datum; the next one is there or beyond. Rounding is on the side of more
    links. Cost O(log m) for every link that is possible.
    """
    m = len(angles)
    key = np.full(m, -np.inf)
    for i in range(m):
        if second_change[i] < m:
            key[i] = 2.0 * angles[i] - angles[second_change[i]]
    tree = _tree(key)
    best = 0
    for j in range(m + 1):
        # the centre is at most here; beyond the last datum it is at most at infinity
        centre = angles[j] if j < m else 0.5 * math.pi
        bends = 1 if j < m else 0
        bends += _chain(angles, tree, centre, j + 1, slack)
        # the same centre, seen past infinity
        bends += _chain(angles, tree, centre - math.pi, 0, slack)
        best = max(best, bends)
    return best


@kernel
def _chain(angles, tree, centre, start, slack):
    m = len(angles)
    bends = 0
    i = start
    while i < m:
        i = _next_below(tree, m, i, centre + slack)
        if i >= m or 2.0 * angles[i] - centre > 0.5 * math.pi + slack:
            break
        bends += 1
        end = 2.0 * angles[i] - centre - slack
        i = max(i + 1, np.searchsorted(angles, end))
    return bends


@kernel
def _tree(key):
    """Return a complete binary tree of minima; the leaves are the last half."""
    size = 1
    while size < len(key):
        size *= 2
    tree = np.full(2 * size, np.inf)
    for i in range(len(key)):
        tree[size + i] = key[i]
    for node in range(size - 1, 0, -1):
        tree[node] = min(tree[2 * node], tree[2 * node + 1])
    return tree


@kernel
def _next_below(tree, m, start, level):
    """Return the first index ≥ start whose key is at most the level, m without one."""
    size = len(tree) // 2
    node = start + size
    # up until the subtree to the right holds one, then down to its first leaf
    while tree[node] > level:
        while node % 2 == 1:
            node //= 2
            if node <= 1:
                return m
        node += 1
    while node < size:
        node *= 2
        if tree[node] > level:
            node += 1
    return node - size
