def events(caplog):
    """What was logged as a structure, oldest first, by any thread."""
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


def names(caplog):
    return [event["event"] for event in events(caplog)]
