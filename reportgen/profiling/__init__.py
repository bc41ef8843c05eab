"""What the segments mean: profiles, spending, personas."""
