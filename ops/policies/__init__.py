"""What holds for every resource of every stack, checked on what the engine itself would make of the settings."""
