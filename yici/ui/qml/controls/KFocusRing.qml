import QtQuick
import theme

// Where the keys are: 1 mm, outside the control, in the text colour so that it shows on any fill.
Rectangle {
    id: root

    required property bool shown
    property real corner: Theme.radius

    anchors.fill: parent
    anchors.margins: -Theme.focusRing * 1.5
    radius: root.corner + Theme.focusRing * 1.5
    color: "transparent"
    border.width: Theme.focusRing
    border.color: Theme.text
    visible: root.shown
}
