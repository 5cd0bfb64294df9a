"""Boxes of tracks, moved to where objects more probably were."""
