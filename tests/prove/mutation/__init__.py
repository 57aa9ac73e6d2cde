"""How much of the ledger's code the ledger's tests would miss: small mistakes, put in one by one.

``python -m tests.prove.mutation`` writes build/mutation.json. Each mutant runs in a fork of one
process that has everything loaded, with the tests that reach the mutated line, on SQLite.
"""
