"""Named floating-point constants and the tolerances that verdicts use.

Every tolerance is a unit roundoff times a size times a scale, and is printed beside the verdict
that used it.
"""

from typing import Final

UNIT_ROUNDOFF: Final = 2.0**-53
"""Largest relative error of one correctly rounded double operation."""

OPTIMALITY_GAP: Final = 1e-9
"""Largest relative duality gap at which a net is called a global minimum of Problem (1).

Float64 parameters cannot represent the optimum itself; at m = 10⁶ random points a gap of about
1e-10 is what correctly rounded parameters allow, so a smaller tolerance would fail every net of
that size.
"""

SOLVER_GAP: Final = 1e-11
"""Relative duality gap at which column generation stops."""

DEFAULT_CONFIDENCE: Final = 0.05
"""Default failure probability δ of the sample events of Lemma A.1."""

KKT_TOLERANCE: Final = 1e-9
"""Largest relative residual at which a net is called a KKT point: of stationarity, of slackness, of
kinks on data.

Float64 parameters of the optimum leave about 1e-9 at m = 10⁶, where slopes reach 10¹² and kinks
must be placed to a millionth of a unit in the last place.
"""

NEARLY: Final = 1e-6
"""Largest relative residual at which a net is still called near a KKT point, "KKT to ε"."""
