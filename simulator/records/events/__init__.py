"""Events: the codes in them, their tables, their ids, and the log that keeps them."""
