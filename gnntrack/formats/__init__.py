"""How boxes lie in files: one module a format, and what they share."""
