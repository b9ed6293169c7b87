"""What is given: samples, networks, their values and margins, in floats and rationals."""
