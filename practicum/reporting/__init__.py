"""From numbers to pages people read."""
