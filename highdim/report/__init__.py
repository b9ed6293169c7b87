"""What is told: reports as data, JSON, figures and screens."""
