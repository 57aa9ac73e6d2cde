"""What a scheme's document may hold: a description for each noun, read and written by one another.

:mod:`rewards.schemes.document` puts them together.
"""
