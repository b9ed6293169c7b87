"""What is the best net? Problem (1) in closed form and by column generation; float64 nets with
proved margins.
"""
