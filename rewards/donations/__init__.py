"""Donations: gifts by card, of cash and of goods at the desk, and the causes they serve."""
