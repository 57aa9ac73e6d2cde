"""The office's pages about shops: organisers look, administrators of the programme edit."""
