"""How does it depend on m, d and p? Grids of runs in one resumable store."""
