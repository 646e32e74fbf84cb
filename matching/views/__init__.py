"""Pages of the match: a lab's ranking, the officers' runs, everybody's result with its reason."""
