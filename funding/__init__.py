"""The books, budgets, payroll, research-fund claims and payments."""
