"""What keeps an archive fast and safe: backups, statistics, checkpoints."""
