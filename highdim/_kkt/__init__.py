"""KKT points of Problem (1) for 2-layer nets on R^d: multipliers, refutations, and cells of activity."""
