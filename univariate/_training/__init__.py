"""Gradient flow and descent: losses in the log domain, implicit steps with kinks that cross data or slide on them."""
