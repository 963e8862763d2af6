"""What is particular to a language: its rules, word lists and learned weights."""
