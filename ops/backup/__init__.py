"""Backups of a stack's database: asked for, listed, restored and tried."""
