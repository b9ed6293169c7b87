"""What does the paper say of it? Theorems 3.1 and 3.2, their proofs, and counterexamples."""
