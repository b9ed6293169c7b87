"""Problem (1), solved: closed form, column generation, and what turns either into float64 nets with proved margins."""
