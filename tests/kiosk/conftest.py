"""Its place makes `enrolled_terminal` importable for the tests below."""
