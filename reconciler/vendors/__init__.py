"""The vendors: for each how to sign in and read its answers, and one file per kind. Tied together in `registry`."""
