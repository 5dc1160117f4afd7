"""Time and randomness of the standard library, as the running invocation has them."""
