"""Pages that anyone may see, and the doors to the others."""
