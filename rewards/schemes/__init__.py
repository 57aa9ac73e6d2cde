"""What earns how much: for now one table of rates for each programme."""
