"""Search over settings: the space, how trials are pruned, and which results nothing else beats."""
