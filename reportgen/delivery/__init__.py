"""Getting reports to people."""
