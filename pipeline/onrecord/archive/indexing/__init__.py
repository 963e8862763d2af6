"""Keeps an archive level with the log, and makes it anew."""
