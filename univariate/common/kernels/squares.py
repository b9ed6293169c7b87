"""Sums of squares of doubles, in integers: one pass, sorted by exponent."""

import numpy as np

from univariate.common.jit import kernel

HALF = 27  # bits of the lower half of a mantissa of 53
LOWER = 2**HALF - 1
WORD = 2**32 - 1
NO_EXPONENT = 5000
FRACTION = 2**52 - 1  # the bits of a double below its exponent, and the one that is not stored
LEADING = 2**52
LEAST_NORMAL = 2.0**-1022


@kernel
def exponent_of(value):
    """The exponent of a double as it is stored, 1 for subnormal ones."""
    return max(int((np.float64(value).view(np.int64) >> 52) & 2047), 1)


@kernel
def squares(values: np.ndarray) -> tuple[int, np.ndarray]:
    """Least exponent e of a value that is not zero, and sums (k, 3, 2): row i is about the squares
    of all integers m with values m·2^(e + i).

    m² = 2⁵⁴ h² + 2²⁸ h l + l², each of h², h l and l² as a lower word of 32 bits and the rest, so
    that 2³¹ of them can be added. Without error.
    """
    least = NO_EXPONENT
    largest = 0
    for value in values:
        if value != 0.0:
            exponent = exponent_of(value)
            least = min(least, exponent)
            largest = max(largest, exponent)
    sums = np.zeros((max(0, largest - least + 1), 3, 2), np.int64)
    for value in values:
        if value != 0.0:
            exponent = exponent_of(value)
            mantissa = np.float64(value).view(np.int64) & FRACTION
            if abs(value) >= LEAST_NORMAL:
                mantissa |= LEADING
            high = mantissa >> HALF
            low = mantissa & LOWER
            row = sums[exponent - least]
            for k, product in enumerate((high * high, high * low, low * low)):
                row[k, 0] += product & WORD
                row[k, 1] += product >> 32
    return least - 1075, sums
