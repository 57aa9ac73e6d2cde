"""Suggestions: what residents ask for, and what became of it."""
