"""PostgreSQL and what lives in it, as Pulumi resources."""
