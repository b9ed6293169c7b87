"""`python -m highdim` is the command `highdim`."""

from highdim.cli.app import main

if __name__ == "__main__":
    main()
