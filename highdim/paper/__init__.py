"""What does the paper say of it? Theorems 4.1 and 4.3, Propositions 4.4 to 4.6, and
counterexamples.
"""
