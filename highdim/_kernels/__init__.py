"""Compiled kernels of the sphere setting: positional arrays in, arrays out, no validation."""
