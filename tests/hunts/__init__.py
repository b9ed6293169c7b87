"""Long searches for exceptions, by oracles; the suite runs a short part of each.

PYTHONPATH=.:tests python -m hunts.hostile_samples --count 100000
"""
