"""The parts of the figures: axes, curves, panels, and what can be seen at a given size."""
