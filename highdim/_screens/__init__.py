"""The parts of what the command line shows: the inequalities of statements, and lines of certificates."""
