"""Pages of visits: the register with its records, filing and correction, and the checklists, one module each."""
