"""Pages: the way in, one's own account, and what the three administrators work on, one module each."""
