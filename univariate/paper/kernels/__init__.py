"""Kernels of the nearest-neighbour law."""
