"""What the office counts: its overview, and the movements of points behind the numbers."""
