"""Words that screens, figures and findings of both packages share."""

from decimal import ROUND_FLOOR, Decimal


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular where there is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def at_least(bound: float) -> str:
    """Return a lower bound to three digits, rounded down, so that it stays one."""
    text = f"{bound:.3g}"
    if float(text) > bound:
        rounded = Decimal(bound)
        unit = Decimal(1).scaleb(rounded.adjusted() - 2)
        text = f"{float(rounded.quantize(unit, ROUND_FLOOR)):.3g}"
    return text


def noise_name(given: bool) -> str:
    """Return what the noise level is called: p, or p̂ where it is the share of flipped labels."""
    return "p" if given else "p̂"
