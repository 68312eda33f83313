"""Attention."""

CASES = []
