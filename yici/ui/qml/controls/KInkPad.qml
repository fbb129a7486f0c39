import QtQuick
import QtQuick.Shapes
import theme

// Where a finger or a mouse writes; `written` tells every stroke, [[x, y], …] in pixels of the pad.
FocusScope {
    id: root

    property string hint
    readonly property bool empty: inner.finished.length === 0

    signal written(var stroke)

    function clear(): void {
        inner.finished = [];
        inner.current = [];
    }

    Accessible.role: Accessible.Canvas
    Accessible.name: root.hint

    QtObject {
        id: inner

        property var finished: []
        property var current: []
    }
    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        color: Theme.surface
        border.width: Math.max(2, Theme.mm(0.5))
        border.color: Theme.line
    }
    Rectangle {
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
        anchors.margins: Theme.mm(10)
        anchors.bottomMargin: Theme.mm(16)
        height: Theme.hairline
        color: Theme.line
    }
    KText {
        text: root.hint
        tone: KText.Secondary
        role: KText.Heading
        strong: false
        visible: root.empty && inner.current.length === 0
        anchors.centerIn: parent
        width: Math.min(implicitWidth, parent.width - Theme.mm(20))
        horizontalAlignment: Text.AlignHCenter
        Accessible.ignored: true
    }
    Shape {
        anchors.fill: parent

        ShapePath {
            strokeColor: Theme.text
            strokeWidth: Theme.mm(1.1)
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin

            PathMultiline {
                paths: inner.finished
            }
        }
        ShapePath {
            strokeColor: Theme.text
            strokeWidth: Theme.mm(1.1)
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin

            PathPolyline {
                path: inner.current
            }
        }
    }
    MouseArea {
        anchors.fill: parent
        preventStealing: true

        function add(x: real, y: real): void {
            const point = Qt.point(Math.max(0, Math.min(width, x)), Math.max(0, Math.min(height, y)));
            inner.current = inner.current.concat([point]);
        }

        onPressed: mouse => {
            add(mouse.x, mouse.y);
            add(mouse.x + 0.5, mouse.y);
        }
        onPositionChanged: mouse => add(mouse.x, mouse.y)
        onReleased: {
            const stroke = inner.current;
            inner.finished = inner.finished.concat([stroke]);
            inner.current = [];
            root.written(stroke.map(point => [point.x, point.y]));
        }
        onCanceled: inner.current = []
    }
}
