import QtQuick
import theme

// A sheet over the screen for one thing that must be answered first. Only its buttons close it.
FocusScope {
    id: root

    property string title
    property string body
    // about 26 characters of body text
    property real sheetWidth: Math.max(Theme.mm(190), Theme.bodyPx * 29)
    default property alias content: column.data

    anchors.fill: parent
    visible: false
    focus: root.visible

    Accessible.role: Accessible.Dialog
    Accessible.name: root.title
    Accessible.description: root.body

    // whatever lies below must not be touched through the veil
    MouseArea {
        anchors.fill: parent
        hoverEnabled: true
        onWheel: wheel => wheel.accepted = true

        Rectangle {
            anchors.fill: parent
            // darkens either way: the text's colour on light pages, the page's own on dark ones
            color: Theme.page.hslLightness < 0.2 ? Theme.page : Theme.text
            opacity: 0.65
        }
    }
    Rectangle {
        id: sheet

        width: Math.min(root.sheetWidth, parent.width - 2 * Theme.margin)
        height: Math.min(inner.implicitHeight + Theme.mm(20), parent.height - 2 * Theme.margin)
        anchors.centerIn: parent
        radius: Theme.radius
        color: Theme.surface
        border.width: Math.max(2, Theme.mm(0.5))
        border.color: Theme.line

        MouseArea {
            anchors.fill: parent
        }
        Column {
            id: inner

            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Theme.mm(10)
            spacing: Theme.mm(6)

            KText {
                width: parent.width
                text: root.title
                role: KText.Title
                visible: text !== ""
            }
            KText {
                width: parent.width
                text: root.body
                visible: text !== ""
            }
            Column {
                id: column

                width: parent.width
                spacing: Theme.mm(5)
            }
        }
    }
}
