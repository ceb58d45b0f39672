"""What the platform is made of: each component declares its resources once."""
