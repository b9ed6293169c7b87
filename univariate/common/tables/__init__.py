"""Tables of rows that grow: written, read again, checked, and shared between processes."""
