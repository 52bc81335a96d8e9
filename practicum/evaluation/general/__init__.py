"""What a model can do outside of any domain, on texts and questions that stay the same."""
