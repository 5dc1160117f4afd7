"""The worker's design document, measured: its days, its claims, its forms compared; and error logs kept."""
