"""The parts of the command line: arguments, output, interrupts, the study command."""
