"""Kernels of the exact supremum of a neuron's gain."""
