"""The sites of the practice web, one module a family."""
