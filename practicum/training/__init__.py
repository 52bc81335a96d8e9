"""From examples to an adapter or a full model."""
