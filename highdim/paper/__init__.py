"""What does the paper say of it? Theorems 4.1, 4.3, Propositions 4.4 to 4.6, counterexamples."""
