"""French: its word lists, and the rules that read them."""
