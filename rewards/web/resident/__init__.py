"""A resident's own pages, made for a phone."""
