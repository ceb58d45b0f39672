"""Capacity planning: what the catalogue takes on disk, how it grows, and what that comes to in ten years."""
