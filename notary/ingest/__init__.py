"""What publishers bring in, looked at before it is submitted: what a profile takes of a page, and a first draft of one."""
