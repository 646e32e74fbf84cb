"""The views of money, one noun a file."""
