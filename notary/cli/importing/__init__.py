"""What `notary import` is made of: where texts come from, what is remembered of them, how they are sent."""
