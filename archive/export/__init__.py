"""Take away: one row a work, in the formats people work with, each with its code book."""
