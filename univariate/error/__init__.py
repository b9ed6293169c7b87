"""What is the clean error? Splines, sublevel sets, the clean error of one net and of stacks, the
nearest neighbour's.
"""
