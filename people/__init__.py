"""People: who somebody is, how she signs in, which roles she holds, what she consented to, who looked at her data."""
