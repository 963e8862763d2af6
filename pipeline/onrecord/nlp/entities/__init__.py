"""Who and what a text names: mentions, the names and roles in them, and entities."""
