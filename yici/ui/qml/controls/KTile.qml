import QtQuick
import QtQuick.Controls.Basic
import theme

// One large choice: what it is, one line about it, a drawing if there is one for it.
AbstractButton {
    id: root

    property string detail
    property string drawing
    property bool compact: false

    implicitWidth: Theme.mm(80)
    implicitHeight: Math.max(Theme.mainTarget, column.implicitHeight + topPadding + bottomPadding)
    padding: Theme.mm(Theme.isPortrait ? 6 : 5)
    focusPolicy: Qt.TabFocus

    Accessible.role: Accessible.Button
    Accessible.name: root.text
    Accessible.description: root.detail
    Accessible.focusable: true
    Accessible.onPressAction: root.click()
    Keys.onReturnPressed: root.click()
    Keys.onEnterPressed: root.click()

    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : Theme.surface
        border.width: Theme.hairline
        border.color: Theme.line

        KFocusRing {
            shown: root.visualFocus
        }
    }

    contentItem: Item {
        KDrawing {
            id: picture

            name: root.drawing
            visible: root.drawing !== ""
            width: visible ? Math.round(Theme.headingPx * 1.7) : 0
            height: width
            anchors.left: parent.left
            anchors.verticalCenter: parent.verticalCenter
        }
        Column {
            id: column

            anchors.left: picture.right
            anchors.leftMargin: picture.visible ? Theme.mm(5) : 0
            anchors.right: chevron.left
            anchors.rightMargin: Theme.mm(3)
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.mm(1)

            KText {
                width: parent.width
                text: root.text
                role: root.compact ? KText.Body : KText.Heading
                strong: true
                Accessible.ignored: true
            }
            KText {
                width: parent.width
                text: root.detail
                visible: text !== ""
                role: KText.Caption
                tone: KText.Secondary
                Accessible.ignored: true
            }
        }
        KDrawing {
            id: chevron

            name: "chevron"
            main: Theme.accent
            width: Math.round(Theme.bodyPx)
            height: width
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
