"""Error logs of a state file: reviewed, archived and deleted within the daily quotas."""
