"""What is given: samples, networks, their values and margins, in floats with bounds and in rational
numbers.
"""
