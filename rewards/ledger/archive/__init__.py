"""Old months out of the ledger and into a file that proves itself.

:mod:`file` writes and reads the file, without any database; :mod:`detaching` takes what is in
it out of the ledger; :mod:`model` is what the ledger keeps of it.
"""
