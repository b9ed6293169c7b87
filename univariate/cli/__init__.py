"""The command `univariate`."""

from univariate.common.interrupt import leaving_interrupts


def main() -> None:
    """Run the command line; the console entry point."""
    with leaving_interrupts():
        from univariate.cli.app import main as run
    run()
