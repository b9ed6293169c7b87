"""What is told: reports and studies as data, JSON, figures and screens."""
