"""Words that screens, figures and findings of both packages share."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular where there is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def noise_name(given: bool) -> str:
    """Return what the noise level is called: p, or p̂ where it is the share of flipped labels."""
    return "p" if given else "p̂"
