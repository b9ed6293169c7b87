"""What does the paper say of it? Theorems 3.1 and 3.2 (`theorems`), Lemma A.2 to Proposition A.5
checked on a net (`structure`), the moves of their proofs, and counterexamples.
"""
