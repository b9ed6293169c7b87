"""What is the best net? Proved bounds on the max-margin norm, and nets that reach or approach
it.
"""
