"""Kernels of descent, and of kinks that cross data."""
