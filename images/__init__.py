"""The images the platform is made of, each a folder here, tagged by content."""
