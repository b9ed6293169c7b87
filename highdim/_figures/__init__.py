"""The parts of figures of reports."""
