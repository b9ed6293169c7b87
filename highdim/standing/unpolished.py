"""Why there is no KKT point near a net: what callers expect, and tell from defects by its class."""


class UnpolishedError(Exception):
    """`kkt_point` has no answer; the message says why."""


class UnfitNetError(UnpolishedError, ValueError):
    """The net does not interpolate, is too large, or leaves the range of doubles at margin 1."""


class UnsolvedCellError(UnpolishedError, ArithmeticError):
    """The conic solver failed on the first cell."""
