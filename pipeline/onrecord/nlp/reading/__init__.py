"""The text as the model reads it, and the model: from characters to a `Doc`."""
