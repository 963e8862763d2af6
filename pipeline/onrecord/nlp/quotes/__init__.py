"""Quote extraction: the content of a quote, its cue, and the source it is attributed to."""
