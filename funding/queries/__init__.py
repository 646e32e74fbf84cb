"""The queries of money, one noun a file."""
