"""Who goes where: lists and seats in, pairs and reasons out. Needs the standard library and nothing else."""
