"""Measures of a row's quality, and the rules that judge them."""
