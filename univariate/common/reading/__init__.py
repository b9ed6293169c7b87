"""Files of others: recognised by what is in them, whatever they are called, and never executed."""
