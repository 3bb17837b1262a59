"""Programs that run in processes of their own. Those on foreign packages import nothing of ours."""
