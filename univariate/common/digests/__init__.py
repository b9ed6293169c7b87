"""What a function of the user's computes, as a digest that notices when that changes."""
