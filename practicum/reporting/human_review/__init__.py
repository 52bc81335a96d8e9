"""A blinded form on which people rate the base's against the tuned model's completions, and its way back."""
