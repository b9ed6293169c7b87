"""Kernels of certificates."""
