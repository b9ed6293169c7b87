"""Numerical kernels: plain arrays in, plain arrays out, in the paper's letters; no validation, no randomness."""
