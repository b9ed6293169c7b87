"""Kernels on great circles."""
