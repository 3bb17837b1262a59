"""One file a revision, ``rNNNN_what.py``; none changes once it was released."""
