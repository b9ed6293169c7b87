"""The nearest-neighbour law: every KKT point of Problem (1) decides like the 1-nearest-neighbour
rule, except in at most E + 2 gaps, E being the number of its links. New.

The modules in the order of the proof, whose steps `proof` numbers, states and evaluates:

kinks
    The kinks of N in order, those of both orientations at one place merged.
path
    T(t) = Σ_{x_i > t} λ_i y_i (x_i, 1), where kinks can be.
transitions
    Neighbouring kinks of opposite signs: regular ones, whose zero is a midpoint, and links.
links
    Where links are: near a centre, each at twice the distance of the one before.
deviations
    Where N and the nearest neighbour decide differently, gap by gap.
outcome, statement
    The law on a net and a sample.
reach
    How far a number of zeros can take the error from that of the nearest neighbour.
sample_bounds
    What it says about all KKT points of a sample at once, and about samples yet to be drawn.
noisy_bounds
    The same for test errors under label noise.
"""
