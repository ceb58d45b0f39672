"""Recording and alert rules of Prometheus, declared in Python and rendered as one rule file."""
