"""By how much margins exceed the smallest where they have multipliers."""

import numpy as np

from univariate.common.jit import kernel

ABOVE = 1.0 + 2.0**-50  # covers the rounding of a quotient


@kernel
def excesses(
    values: np.ndarray, bounds: np.ndarray, high: np.ndarray, low: np.ndarray, smallest: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Multipliers high + low that are not 0, by how much their margins exceed `smallest` > 0,
    relative to it and rounded up, and the products of both; 0 where λ is not positive. (k,) each.
    """
    count = 0
    for i in range(len(high)):
        # a sum is rounded, but 0 only if it is; either word alone may be
        count += high[i] + low[i] != 0.0
    lam = np.empty(count)
    excess = np.zeros(count)
    product = np.zeros(count)
    k = 0
    for i in range(len(high)):
        if high[i] + low[i] != 0.0:
            lam[k] = high[i] + low[i]
            if lam[k] > 0.0:
                excess[k] = (values[i] + bounds[i] - smallest) / smallest * ABOVE
                product[k] = lam[k] * excess[k]
            k += 1
    return lam, excess, product
