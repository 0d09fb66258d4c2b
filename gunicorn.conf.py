"""Read by gunicorn itself: `gunicorn config.wsgi --bind …`."""

from config import env
from config.logs import logging_config

worker_class = "gthread"
workers = env.integer("WEB_WORKERS", 2, low=1, high=64)
threads = env.integer("WEB_THREADS", 4, low=2, high=64)
graceful_timeout = 5
# Its default place is one file per user of the machine, over which two clones would quarrel.
control_socket_disable = True

production = env.choice("TRAVELOURE_ENV", env.ENVIRONMENTS, "development") == "production"
logconfig_dict = logging_config(json=production, level=env.choice("LOG_LEVEL", env.LOG_LEVELS, "INFO"))
logconfig_dict["loggers"]["gunicorn.error"] = {"level": "INFO", "handlers": [], "propagate": True}


def post_worker_init(worker: object) -> None:
    from config import warmup  # noqa: PLC0415  # Django is there by now

    warmup.web()
