"""What came in: tables of any format, their meaning, and one row per customer."""
