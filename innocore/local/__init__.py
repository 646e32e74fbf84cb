"""What `./run` does, with the standard library alone until the virtual environment stands."""
