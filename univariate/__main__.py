"""`python -m univariate` is the command `univariate`."""

from univariate.cli import main

if __name__ == "__main__":
    main()
