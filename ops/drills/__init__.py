"""Fault drills: a part of the platform of their own is broken on purpose, and what was promised is counted."""
