"""What to ask a publisher, what an answer means and when to ask again: pure functions."""
