"""The loss in trackers of other people: clips of embeddings or affinities."""
