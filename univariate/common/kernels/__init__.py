"""Kernels that need no room."""
