"""The inbox, what is followed, how one is told, and the way out of mails."""
