"""Cases for two implementations of one specification, and what each of them makes of them."""
