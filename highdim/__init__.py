"""Sphere models."""
