"""Looking inside: networkx, plots."""
