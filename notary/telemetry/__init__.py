"""What operators see of the processes: log lines and metrics."""
