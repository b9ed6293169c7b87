"""Univariate."""
