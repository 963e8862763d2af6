"""From the bytes of a feed to entries, strictly where possible and leniently where not."""
