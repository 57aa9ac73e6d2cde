"""What earns how much: schemes as data, how they are evaluated, and how they come into force."""
