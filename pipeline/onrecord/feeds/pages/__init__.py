"""Article pages: fetching them politely, their main text and their metadata."""
