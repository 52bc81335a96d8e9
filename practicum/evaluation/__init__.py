"""From completions to numbers with their uncertainty."""
