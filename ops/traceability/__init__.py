"""Rastreabilidade: every requirement leads to artifacts, tests and evidence, and no link is dead."""
