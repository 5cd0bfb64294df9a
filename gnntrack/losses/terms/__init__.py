"""UniTrack's terms, one a file."""
