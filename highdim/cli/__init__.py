"""The command `highdim`."""

from highdim.cli.app import main

__all__ = ["main"]
