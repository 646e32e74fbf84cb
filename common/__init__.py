"""What every room stands on: audit, state moves, refusals, access, jobs, paging, money and the parts of pages."""
