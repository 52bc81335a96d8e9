"""Short scripts that DVC runs: read declared inputs, call the library, write declared outputs."""
