"""Removal of identifiers from raw records, and the measure of how well that works."""
