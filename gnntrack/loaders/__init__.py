"""The only places where files that others made are parsed: text, JSON, YAML, ini, npy, safetensors.

Each loader checks sizes, depth and types before anything is built from them, and raises
:class:`gnntrack.errors.DataError` alone.
"""
