"""What is about no dimension at all: results, verdicts and claims, checks of arguments, rounding,
tolerances, files and rows, long work and Ctrl-C, the look of figures, commands.

`highdim` enters here only.
"""
