import sys
from pathlib import Path

# a second implementation of SM2 lies beside the tests that compare with it
sys.path.insert(0, str(Path(__file__).parent))
