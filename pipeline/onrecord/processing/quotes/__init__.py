"""The topic of quotes: every quote as a flat record, deleted when its article no longer has it."""
