"""Kernels of evaluation: plain arrays in and out, in the paper's letters; no validation, no
randomness.
"""
