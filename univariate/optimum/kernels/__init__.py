"""Kernels of the solver, most of them in double-double."""
