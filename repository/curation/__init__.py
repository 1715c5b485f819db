"""Collections and their people; the review of what is submitted to them."""
