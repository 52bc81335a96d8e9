"""From a float model to smaller ones that were checked."""
