"""Kernels of gradients, tangent kernels, and kinks at data."""
