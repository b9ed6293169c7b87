"""What does the paper say of it? Theorems 3.1 and 3.2, the shapes and moves of their proofs, and
counterexamples.
"""
