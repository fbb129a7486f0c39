import QtQuick
import QtQuick.Shapes
import theme

// What a camera sees, with the found page's outline. `outline` is four [x, y] in 0–1 of the
// picture, clockwise from the top left, or an empty list.
Rectangle {
    id: root

    property string source
    property var outline: []
    property string waiting
    property string description
    readonly property bool found: root.outline.length === 4

    color: Theme.surface
    radius: Theme.radius
    border.width: root.found ? Theme.focusRing : Theme.hairline
    border.color: root.found ? Theme.ok : Theme.line

    Accessible.role: Accessible.Graphic
    Accessible.name: root.description

    KBusy {
        anchors.centerIn: parent
        text: root.waiting
        visible: picture.status !== Image.Ready && root.waiting !== ""
    }
    Image {
        id: picture

        anchors.fill: parent
        anchors.margins: Theme.focusRing
        source: root.source
        fillMode: Image.PreserveAspectFit
        cache: false
        smooth: true
    }
    Item {
        id: painted

        width: picture.paintedWidth
        height: picture.paintedHeight
        anchors.centerIn: picture
        visible: picture.status === Image.Ready

        Shape {
            anchors.fill: parent
            visible: root.found

            ShapePath {
                strokeColor: Theme.ok
                strokeWidth: Theme.mm(1)
                fillColor: "transparent"
                joinStyle: ShapePath.RoundJoin

                PathPolyline {
                    path: root.found ? root.outline.concat([root.outline[0]]).map(corner => Qt.point(corner[0] * painted.width, corner[1] * painted.height)) : []
                }
            }
        }
    }
}
