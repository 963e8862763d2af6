"""The pages: server-rendered HTML for people, with JSON, CSV and Atom beside every list."""
