"""The version of this distribution."""


def library_version() -> str:
    """Return the version of this distribution, "0+unknown" where it was never installed."""
    # loads for longer than `import univariate`
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tempered-overfitting")
    except PackageNotFoundError:
        return "0+unknown"
