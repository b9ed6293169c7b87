"""Figure 1 of the paper: clean error of 2-layer nets with 1000 neurons against the noise level, by
dimension.

Left m = 500, right m = 2000. What is run is in `highdim.sweeps.presets`. The committed table
and figure come from (root of the repository)

    python -m benchmarks.figure_1 --preset two-core --write
"""

import sys

from benchmarks.sphere import Panel, Script, main
from highdim import grid, preset
from highdim.sweeps.presets import SIZES

SMALL = {"m": 30, "width": 16, "seed": range(2), "flow_time": 20.0, "error_precision": 0.1}
SCRIPT = Script(
    "figure_1",
    "From tempered to benign: clean error of trained 2-layer nets, 1000 neurons",
    {
        "tiny": [Panel("$m=30$", grid(d=(20, 100), p=(0.1, 0.3), **SMALL))],
        **{
            size: [
                Panel("$m=500$", preset("figure-1-left", size)),
                Panel("$m=2000$", preset("figure-1-right", size)),
            ]
            for size in SIZES
        },
    },
)

if __name__ == "__main__":
    sys.exit(main(SCRIPT))
