"""Data sets: recipes, the sample, labels of detections, checking, conversion, graph stores, synthetic scenes."""
