"""`python -m highdim` is the command `highdim`."""

from highdim.cli import main

if __name__ == "__main__":
    main()
