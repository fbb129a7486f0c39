import QtQuick
import QtQuick.Controls.Basic
import theme

// A button says what happens. One primary a screen; quiet ones carry no frame.
AbstractButton {
    id: root

    enum Kind {
        Primary,
        Secondary,
        Quiet
    }

    property int kind: KButton.Secondary
    property string drawing
    property real fontPx: Theme.bodyPx
    readonly property bool filled: root.kind === KButton.Primary && root.enabled
    readonly property color ink: !root.enabled ? Theme.secondaryText : root.filled ? Theme.onAccent : Theme.accent

    implicitHeight: Math.max(Theme.target, content.implicitHeight + topPadding + bottomPadding)
    implicitWidth: Math.max(Theme.target, content.implicitWidth + leftPadding + rightPadding)
    leftPadding: root.kind === KButton.Quiet ? Theme.mm(3) : Theme.mm(6)
    rightPadding: root.leftPadding
    topPadding: Theme.mm(2)
    bottomPadding: Theme.mm(2)
    // a tap leaves the focus, and with it the keyboard, where it is: nothing moves under a finger
    focusPolicy: Qt.TabFocus

    Accessible.role: Accessible.Button
    Accessible.name: root.text
    Accessible.focusable: true
    Accessible.onPressAction: root.click()
    Keys.onReturnPressed: root.click()
    Keys.onEnterPressed: root.click()

    background: Rectangle {
        radius: Theme.radius
        color: root.kind === KButton.Primary && root.enabled ? (root.down ? Theme.accentPressed : Theme.accent) : root.down ? Theme.pressed : root.kind === KButton.Quiet ? "transparent" : Theme.surface
        border.width: root.kind === KButton.Quiet || root.filled ? 0 : Math.max(2, Theme.mm(0.5))
        border.color: root.enabled ? Theme.accent : Theme.line

        KFocusRing {
            shown: root.visualFocus
        }
    }

    contentItem: Item {
        id: content

        readonly property real drawingWidth: root.drawing === "" ? 0 : Math.round(root.fontPx * 1.1) + line.spacing

        implicitWidth: Math.ceil(label.implicitWidth) + drawingWidth
        implicitHeight: line.implicitHeight

        Row {
            id: line

            anchors.centerIn: parent
            spacing: Theme.mm(2)

            KDrawing {
                name: root.drawing
                visible: root.drawing !== ""
                width: Math.round(root.fontPx * 1.1)
                height: width
                anchors.verticalCenter: parent.verticalCenter
                main: root.ink
                accent: root.ink
            }
            KText {
                id: label

                text: root.text
                visible: text !== ""
                width: Math.min(Math.ceil(implicitWidth), content.width - content.drawingWidth)
                font.pixelSize: root.fontPx
                font.weight: root.kind === KButton.Quiet ? Font.Normal : Font.Bold
                color: root.ink
                anchors.verticalCenter: parent.verticalCenter
                horizontalAlignment: Text.AlignHCenter
                Accessible.ignored: true
            }
        }
    }
}
