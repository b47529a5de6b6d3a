"""What the server runs: uvicorn tap_sample.main:app"""

from tap_sample.app import create_app
from tap_sample.settings import Settings

app = create_app(Settings())
