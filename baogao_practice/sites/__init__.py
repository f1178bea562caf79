"""The sites of the practice web, one module for each family."""
