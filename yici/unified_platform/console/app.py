"""stub"""

from starlette.applications import Starlette

from yici.unified_platform.app import Platform
from yici.unified_platform.console.cookies import Transport


def console_app(platform: Platform, transport: Transport) -> Starlette:
    return Starlette()
