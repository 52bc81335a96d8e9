"""From raw rows to examples that can be trusted."""
