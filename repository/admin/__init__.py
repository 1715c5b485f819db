"""What administrators see to: people, jobs, the audit log."""
