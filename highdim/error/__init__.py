"""What is the clean error? Estimators with intervals, and the exact arcs of d = 2."""
