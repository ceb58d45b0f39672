"""A soak: whole Redis groups on a busy machine with nothing broken, to see at which silence Sentinel acts falsely."""
