"""Reference results, published or computed independently, and their computation by this installation."""
