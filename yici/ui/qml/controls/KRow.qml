pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Controls.Basic
import strings
import theme

// A row of a list: name, one line about it, a value at the right. It leads somewhere, or not.
AbstractButton {
    id: root

    property string detail
    property string value
    // the whole of a covered value: shown only while the row is held
    property string secret
    property int valueTone: KText.Secondary
    property string drawing
    property color drawingMain: Theme.text
    property bool leads: true
    property bool ruled: true
    property bool ringed: false  // made when the keys first come here

    implicitHeight: Math.max(root.leads ? Theme.mainTarget : Theme.target, body.implicitHeight + topPadding + bottomPadding)
    leftPadding: Theme.mm(5)
    rightPadding: Theme.mm(5)
    topPadding: Theme.mm(Theme.isPortrait ? 4.2 : 3)
    bottomPadding: topPadding
    focusPolicy: root.leads || root.secret !== "" ? Qt.TabFocus : Qt.NoFocus

    Accessible.role: root.leads ? Accessible.Button : Accessible.ListItem
    Accessible.name: root.value === "" ? root.text : root.text + " " + root.value
    Accessible.description: root.detail
    Accessible.focusable: root.leads || root.secret !== ""
    Accessible.onPressAction: root.click()
    Keys.onReturnPressed: root.click()
    Keys.onEnterPressed: root.click()

    // every item of a row costs time whenever its list comes, seen or not
    onVisualFocusChanged: {
        if (root.visualFocus && !root.ringed)
            root.ringed = ring.createObject(root.background) !== null;
    }

    Component {
        id: ring

        KFocusRing {
            shown: root.visualFocus
        }
    }

    background: Rectangle {
        color: root.down && root.leads ? Theme.pressed : "transparent"
        radius: Theme.radius

        Rectangle {
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.leftMargin: root.leftPadding
            anchors.rightMargin: root.rightPadding
            anchors.bottom: parent.bottom
            height: Theme.hairline
            color: Theme.rule
            visible: root.ruled
        }
    }

    contentItem: Item {
        id: body

        readonly property real valueWidth: valueText.visible ? Math.min(valueText.implicitWidth, width * 0.62) : 0

        implicitHeight: Math.max(column.implicitHeight, valueText.visible ? valueText.height : 0)

        KDrawing {
            id: picture

            name: root.drawing
            visible: root.drawing !== ""
            main: root.drawingMain
            width: visible ? Math.round(Theme.bodyPx * 1.5) : 0
            height: width
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
        }
        Column {
            id: column

            anchors.left: picture.right
            anchors.leftMargin: picture.visible ? Theme.mm(4) : 0
            anchors.right: valueText.left
            anchors.rightMargin: valueText.visible ? Theme.mm(4) : 0
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.mm(0.5)

            KText {
                width: parent.width
                text: root.text
                strong: root.leads
                Accessible.ignored: true
            }
            KText {
                width: parent.width
                text: root.secret === "" ? root.detail : Strings.text("row.hold")
                visible: text !== ""
                role: KText.Caption
                tone: KText.Secondary
                Accessible.ignored: true
            }
        }
        KText {
            id: valueText

            text: root.down && root.secret !== "" ? root.secret : root.value
            visible: text !== ""
            width: body.valueWidth
            anchors.right: chevron.left
            anchors.rightMargin: root.leads ? Theme.mm(3) : 0
            anchors.verticalCenter: parent.verticalCenter
            horizontalAlignment: Text.AlignRight
            tone: root.valueTone
            strong: root.valueTone >= KText.Ok
            Accessible.ignored: true
        }
        KDrawing {
            id: chevron

            name: "chevron"
            main: Theme.accent
            visible: root.leads
            width: visible ? Math.round(Theme.bodyPx * 0.9) : 0
            height: width
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
