"""Tables and figures: a script each, which uses the public API only."""

import os

# scripts draw for files alone; the backend of a notebook, which they inherit, may be missing here
os.environ["MPLBACKEND"] = "agg"
