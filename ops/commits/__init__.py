"""Commits by convention, and the changelog that is made of them."""
