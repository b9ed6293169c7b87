"""The command `highdim`."""

from univariate.common.interrupt import leaving_interrupts


def main() -> None:
    """Run the command line; the console entry point."""
    with leaving_interrupts():
        from highdim.cli.app import main as run
    run()
