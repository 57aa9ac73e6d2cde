"""Volunteering: events, who came and for how long, and what that is worth."""
