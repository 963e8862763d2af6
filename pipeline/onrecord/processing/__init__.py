"""Consume, transform, produce.

Joins the stages to the log so that each article has exactly one committed result: outputs and
positions move in one transaction, and what cannot be processed becomes a dead letter in the
same one. Given what to do (`extract`, a poller) as arguments; knows no model and no network.
"""
