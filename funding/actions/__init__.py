"""The actions of money, one noun a file."""
