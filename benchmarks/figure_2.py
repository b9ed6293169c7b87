"""Figure 2 of the paper: width and depth.

Left 2-layer nets of 50 and 3000 neurons, right 3-layer nets, m = 500.

What is run is in `highdim.sweeps.presets`. The committed table and figure come from (root of the
repository)

    python -m benchmarks.figure_2 --preset two-core --write
"""

import sys

from benchmarks.sphere import Panel, Script, main
from highdim import grid, preset
from highdim.sweeps.presets import SIZES

SMALL = {"m": 30, "d": 40, "p": (0.1, 0.3), "flow_time": 20.0, "error_precision": 0.1}
SCRIPT = Script(
    "figure_2",
    "Width and depth: clean error of trained nets on 500 observations",
    {
        "tiny": [
            Panel("2 layers, $m=30$", grid(width=(8, 32), **SMALL)),
            Panel("3 layers, $m=30$", grid(width=8, depth=3, **SMALL)),
        ],
        **{
            size: [
                Panel("2 layers of 50 or 3000 neurons", preset("figure-2-left", size)),
                Panel("3 layers, 1000 neurons each", preset("figure-2-right", size)),
            ]
            for size in SIZES
        },
    },
)

if __name__ == "__main__":
    sys.exit(main(SCRIPT))
