"""How strongly terms and links weigh: graph-Laplacian connectivity."""
