"""Pages of hazards and of risk points: each register with its records, and the steps of their lives, one module each."""
