"""CLEAR and IDF1 through motmetrics, HOTA through TrackEval."""
