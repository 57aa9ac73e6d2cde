"""The benchmark: ratios of what the service does to what the machine can do.

``make bench``, or ``python -m bench --help``. What each ratio means: docs/performance.md.
"""
