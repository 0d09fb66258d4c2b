"""Where the embedded services of this clone live. Nothing here starts anything."""

from pathlib import Path

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCAL_DIR = env.folder("TRAVELOURE_LOCAL_DIR", BASE_DIR / ".local")
