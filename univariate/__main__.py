"""`python -m univariate` is the command `univariate`."""

from univariate.cli.app import main

if __name__ == "__main__":
    main()
