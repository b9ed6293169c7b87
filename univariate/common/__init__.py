"""What is about no dimension at all: results and verdicts, validation, rounding, files, commands.

`highdim` enters here only.
"""
