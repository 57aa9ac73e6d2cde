"""The back office: organisers and administrators."""
