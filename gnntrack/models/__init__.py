"""Encoders, one per file, all with the same call: graph in, link logits out."""
