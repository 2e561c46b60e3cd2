class PrivateServerError(Exception):
    """A private server could not be started or stopped; the message says what to do."""
