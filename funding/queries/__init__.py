"""The queries of money, one noun a file."""

from funding.queries.desk import desk_items

__all__ = ["desk_items"]
