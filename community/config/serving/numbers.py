"""What /metrics says about the threads, the line and the collector of this process."""

from community.config.serving.collector import Collector
from community.config.serving.workers import Workers
from realtime import metrics


def publish(workers: Workers, collector: Collector) -> None:
    """Call once in a process."""
    metrics.gauge("hiroba_web_threads", "Threads for pages and writes.", lambda: workers.threads)
    metrics.gauge("hiroba_web_at_work", "Requests inside Django.", lambda: workers.at_work)
    metrics.gauge("hiroba_web_waiting", "Requests in line for a thread.", lambda: workers.waiting)
    metrics.gauge("hiroba_web_refused", "Requests answered 503 since the start.", lambda: workers.refused)
    metrics.gauge("hiroba_gc_collections", "Full collections since the start.", lambda: collector.collections)
    metrics.gauge("hiroba_gc_longest_pause_seconds", "The longest of them.", lambda: collector.longest_pause)
