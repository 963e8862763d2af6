"""Decisions on requests, responses and the time of the next poll: pure functions."""
