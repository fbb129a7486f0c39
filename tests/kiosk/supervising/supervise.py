"""The supervisor over fake sessions, with less patience: supervise.py FOLDER."""

import sys
from pathlib import Path

from yici.kiosk.supervising import core
from yici.kiosk.supervising.loop import Supervisor

core.BEAT_TIMEOUT_S = 3.0
session = Path(__file__).with_name("fake_session.py")
Supervisor([sys.executable, str(session), sys.argv[1]]).run()
