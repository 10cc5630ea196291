"""Pages of plans and drills."""
