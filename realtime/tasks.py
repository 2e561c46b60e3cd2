from procrastinate.contrib.django import app

from realtime.retention import trim


@app.periodic(cron="*/10 * * * *")
@app.task(name="realtime.trim_log", queueing_lock="realtime.trim_log")
def trim_log(timestamp: int) -> None:
    """Every ten minutes: drop events past retention. `timestamp` is procrastinate's, unused."""
    trim()
