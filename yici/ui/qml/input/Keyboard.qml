import QtQuick
import input_method
import theme

// The on-screen keyboard. Put one at the bottom of the window: it follows the focus, and shows the
// keys for the field's `inputKind` (pinyin, name, latin, number, id_number, mobile, code, date).
// Its height is 0 while no field wants keys. Call `clear()` when a session ends.
Rectangle {
    id: root

    property real screenHeight: root.Window.height
    readonly property bool shown: method.kind !== "none"
    readonly property alias method: method
    readonly property real gap: Math.ceil(2.54 * Theme.pxPerMm)
    readonly property real leastKey: Math.ceil(12.7 * Theme.pxPerMm)
    readonly property int rowCount: Math.max(4, keys.rowCount)
    // big keys where there is room, never more than two fifths of the screen, never under 12.7 mm
    readonly property real keyHeight: Math.max(root.leastKey, Math.min(Theme.target + Theme.mm(keys.columns > 4 ? 3 : 6), Math.floor((root.screenHeight * 0.42 - strip.height) / root.rowCount - root.gap)))

    // build one of method.layouts(), before somebody waits for it
    function prepare(index: int): void {
        keys.prepare(index);
    }
    function clear() {
        method.clear();
    }

    implicitHeight: root.shown ? Math.ceil(strip.height + keys.implicitHeight + 4 * root.gap) : 0
    height: implicitHeight
    color: Theme.page
    clip: true
    visible: root.shown

    InputMethod {
        id: method

        objectName: "input_method"
        target: root.Window.activeFocusItem
    }

    // what lies under the keyboard must not be touched through its gaps
    MouseArea {
        anchors.fill: parent
    }
    Rectangle {
        width: parent.width
        height: strip.height + 2 * root.gap
        color: Theme.surface

        Rectangle {
            width: parent.width
            height: Math.max(2, Theme.mm(0.5))
            color: Theme.line
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: Theme.hairline
            color: Theme.rule
        }
    }

    Item {
        id: middle

        // a thumb's reach: in landscape the keys don't spread over the whole counter
        width: Math.min(parent.width - 2 * root.gap, Theme.mm(330))
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        anchors.topMargin: root.gap
        anchors.bottomMargin: root.gap
        anchors.horizontalCenter: parent.horizontalCenter

        CandidateStrip {
            id: strip

            width: parent.width
            height: implicitHeight
            method: method
            gap: root.gap
            lineHeight: Math.max(root.leastKey, Math.ceil(Theme.headingPx * 1.6))
            linesWhenExpanded: panel.lineCount

            function measure() {
                method.measure(strip.lineWidth, strip.width, Theme.headingPx, root.gap, root.leastKey);
            }

            onLineWidthChanged: measure()
            onLineHeightChanged: measure()
            Component.onCompleted: measure()
        }
        KeyGrid {
            id: keys

            anchors.top: strip.bottom
            anchors.topMargin: 2 * root.gap
            width: parent.width
            method: method
            keyHeight: root.keyHeight
            gap: root.gap
            visible: !method.expanded
        }
        CandidatePanel {
            id: panel

            anchors.top: strip.bottom
            anchors.topMargin: 2 * root.gap
            anchors.bottom: parent.bottom
            width: parent.width
            method: method
            gap: root.gap
            lineHeight: strip.lineHeight
            visible: method.expanded
        }
    }
}
