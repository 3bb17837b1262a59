"""Pages that publishers bring in, looked at beforehand: what a profile takes of them, and a first draft of one."""
