"""The app in containers beside its peers, and what puts load on them."""
