"""The languages: the rules, word lists and learned weights of each."""
