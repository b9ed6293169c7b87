"""Estimators of the clean error on the sphere, one a module, and the intervals they share."""
