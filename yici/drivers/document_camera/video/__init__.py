"""Cameras that deliver a video stream: V4L2 devices and MJPEG over HTTP."""

from yici.drivers.document_camera.video.driver import VideoCamera, connect
from yici.drivers.document_camera.video.frame_size import FrameSize
from yici.drivers.document_camera.video.source import Mounting

__all__ = ["FrameSize", "Mounting", "VideoCamera", "connect"]
