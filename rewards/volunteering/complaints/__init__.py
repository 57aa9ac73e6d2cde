"""Complaints about service: one person records one, a second upholds or dismisses it.

What an upheld complaint leaves of the hours and points, the scheme of the event's day says.
"""
