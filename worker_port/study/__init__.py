"""The worker's design document, measured: its claims, its forms compared, the retention of its error logs."""
