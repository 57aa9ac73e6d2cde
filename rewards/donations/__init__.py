"""Donations: money by card, cash and goods at the desk."""
