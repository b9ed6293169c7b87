"""What is the best net? Problem (1) solved, with proved margins and a proved gap."""
