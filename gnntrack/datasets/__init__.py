"""One module per file format, the sample, and matching detections to annotations."""
