"""Scripts of the work tree; nothing in here ships to users."""
