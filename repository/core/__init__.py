"""What every capability stands on: settings, database, work, outbox, feed, errors."""
