"""A library of pure parts for fine-tuning reasoning models: no file layout, no DVC, no domain names."""
