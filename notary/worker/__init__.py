"""The worker process: grows the tree, signs its heads, and anchors them."""
