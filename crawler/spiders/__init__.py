"""One spider class for each family of sites."""
