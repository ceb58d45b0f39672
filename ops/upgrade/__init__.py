"""The data of a stack brought to the next major version of PostgreSQL."""
