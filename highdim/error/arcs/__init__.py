"""The clean error for d = 2, in exact arithmetic: the arcs of the unit circle on which N ≤ 0.

lines
    Lines A cos φ + B sin φ + C with integer coefficients, their zeros, and the order of these.
pieces
    A net on the circle as lines from zero to zero.
lengths
    Lengths of arcs, each to a few units in its last place, and rational ones as fractions.
circle
    The error of a net with its arcs and its enclosure.
"""
