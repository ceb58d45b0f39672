"""Sections of the READMEs that are made from what they tell of; the rest is written by people and left alone."""
