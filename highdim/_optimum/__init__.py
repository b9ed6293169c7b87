"""Certified bounds on the max-margin norm: the gain of a neuron from above, feasible nets from the other side."""
