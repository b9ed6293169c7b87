"""Words that screens, figures and findings of both packages share."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular where there is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def at_least(bound: float) -> str:
    """Return a lower bound to three digits, rounded down, so that it stays one."""
    text = f"{bound:.3g}"
    return _rounded(bound, ROUND_FLOOR) if float(text) > bound else text


def at_most(bound: float, digits: int = 3) -> str:
    """Return an upper bound to some digits, rounded up, so that it stays one."""
    text = f"{bound:.{digits}g}"
    return _rounded(bound, ROUND_CEILING, digits) if float(text) < bound else text


def _rounded(bound: float, rounding: str, digits: int = 3) -> str:
    exact = Decimal(bound)
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    return f"{float(exact.quantize(unit, rounding)):.{digits}g}"


def noise_name(given: bool) -> str:
    """Return what the noise level is called: p, or p̂ where it is the share of flipped labels."""
    return "p" if given else "p̂"
