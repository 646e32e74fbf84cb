"""Pure payroll: dated rate tables and one case in, one month's slip out. No Django, no database, no float."""
