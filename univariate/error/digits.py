"""Numbers with their certain digits."""

from fractions import Fraction
from math import floor, log10


def certain(value: float, low: float, high: float) -> str:
    """Return an enclosed number with its certain digits, as "0.224061202423004 ± 2e-16".

    Digits stop where the enclosure's width begins. The radius is rounded up and covers the
    enclosure as seen from the number printed; it is left out where that is exact.
    """
    below = Fraction(low)
    above = Fraction(high)
    width = float(above - below)
    text = f"{value:.17g}"
    if value != 0.0 and width != 0.0:
        begin = floor(log10(width))  # the decimal place in which the enclosure begins to be wide
        if value < 1e-4:
            digits = floor(log10(value)) - begin
            text = f"{value:.{min(16, max(0, digits))}e}"
        else:
            text = f"{value:.{min(17, max(1, -begin))}f}"
    # of the number as printed, which is not quite the value
    radius = max(above - Fraction(text), Fraction(text) - below)
    return f"{text} ± {_rounded_up(radius)}" if radius > 0 else text


def _rounded_up(radius: Fraction) -> str:
    """Return a positive number with one digit, not below it."""
    exponent = floor(log10(float(radius)))
    unit = Fraction(10) ** exponent
    digit = -(-radius // unit)
    return f"{int(digit)}e{exponent:+03d}" if digit < 10 else f"1e{exponent + 1:+03d}"
