"""The parts of what the command line shows: tables, lines of certificates, the screen of a training run."""
