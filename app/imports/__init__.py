"""Imports through the app: uploads wait in a spool, a process of its own loads them, a table tells of each."""
