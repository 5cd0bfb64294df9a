"""Correcting identity switches after crossings."""
