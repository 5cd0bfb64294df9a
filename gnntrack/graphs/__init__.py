"""Window graphs: edges, features, labels, transforms."""
