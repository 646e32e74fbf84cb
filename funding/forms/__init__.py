"""The forms of money, one noun a file."""
