"""Kernels of sublevel sets."""
