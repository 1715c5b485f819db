"""Speed, always beside a limit measured in the same run: `python3 dev.py bench NAME`."""
