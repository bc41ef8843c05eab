"""The months: what was published, and what changed since."""
