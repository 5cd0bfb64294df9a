"""From link scores to identities."""
