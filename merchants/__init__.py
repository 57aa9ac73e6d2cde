"""What points buy: partners, offers, the till and what is owed to the shops."""
