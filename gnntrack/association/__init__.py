"""Tracks against the detections of a frame: graph, features, network, linker, life cycle."""
