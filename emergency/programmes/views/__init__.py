"""Pages of programmes: campaigns, and the problems of a year."""
