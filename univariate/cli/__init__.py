"""The command `univariate`."""

from univariate.cli.app import main

__all__ = ["main"]
