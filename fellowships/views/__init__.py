"""Pages of fellowships; one noun a file."""
