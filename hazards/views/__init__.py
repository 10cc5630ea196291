"""Pages of hazards: the register with its records, and the steps of their life, one module each."""
