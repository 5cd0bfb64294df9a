"""Plain losses of single links, and soft assignments."""
