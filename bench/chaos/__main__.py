import argparse
import json
import os
import shutil
import signal
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.chaos.siege import Plan, Report, Siege
from config.local import services
from config.local.paths import Local


def main() -> None:
    arguments = parse()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: what was started is stopped
    plan = Plan(arguments.jobs, arguments.kills, arguments.wipes, arguments.crashes, not arguments.no_sweeper)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    # Not a throwaway one: those keep what they commit in memory for a while, and here it has to be true.
    with services.running(Local(folder)) as local:
        os.environ |= {
            "DATABASE_URL": local.database_url(),
            "REDIS_URL": local.redis_url,
            "LOG_LEVEL": "WARNING",
            "CELERY_SKIP_CHECKS": "1",  # a killed worker is back sooner
        }
        report = Siege(plan, local).run()
    if arguments.keep:
        print(f"Logs and data: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    show(plan, report)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description="Durable work under fire.")
    parser.add_argument("--jobs", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=250, help="of the whole worker process group, with -9")
    parser.add_argument("--wipes", type=int, default=50, help="of Redis")
    parser.add_argument("--crashes", type=int, default=30, help="of Postgres, with -9")
    parser.add_argument("--no-sweeper", action="store_true", help="show what is lost without it")
    parser.add_argument("--keep", action="store_true", help="keep the logs and the data")
    return parser.parse_args()


def show(plan: Plan, report: Report) -> None:
    print(f"{plan.kills} worker kills, {plan.wipes} Redis wipes, {plan.crashes} Postgres crashes", end="")
    print(f" in {report.seconds} s, sweeper {'on' if plan.sweeper else 'off'}\n")
    for name in ("jobs", "lost", "finished_twice", "restarted"):
        print(f"  {name.replace('_', ' '):<16} {getattr(report, name):>6}")
    for kind, seconds in report.resumed.items():
        print(f"  resumed after {kind:<6} {seconds:>6} s at most")
    print(json.dumps({"chaos": asdict(plan) | asdict(report)}))


if __name__ == "__main__":
    main()
