"""How much of the ledger's code its tests would miss: small mistakes, put in one by one.

``python -m tests.prove.mutation`` adds to build/mutation.json, and goes on where it left off.
Each mutant runs in a fork of one process that has everything loaded, with the tests that reach
the mutated line, the quickest first: on SQLite, then in the model, then on PostgreSQL where
SQLite doesn't get to, until one notices.
"""
