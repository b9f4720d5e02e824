"""Anonymise: codes to the open part, everything else sealed. Pure but for randomness."""
