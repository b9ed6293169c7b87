"""What the proofs of Theorems 3.1 and 3.2 say about gaps, runs and pairs of neurons."""
