"""Screens: Qt Quick (QML) and their view models; the only room that imports Qt."""
