"""Languages, their catalogues, and codes put into words."""
