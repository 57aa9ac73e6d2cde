"""Volunteering: events, who signed up, who was there, and the hours that points are given for."""
