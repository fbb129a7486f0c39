import QtQuick
import theme

// Says how something stands: by words, by shape and by colour, so that each alone is enough.
Rectangle {
    id: root

    enum Kind {
        Info,
        Ok,
        Warn,
        Danger
    }

    property int kind: KNotice.Info
    property string title
    property string body
    readonly property color ink: [Theme.accent, Theme.ok, Theme.warn, Theme.danger][root.kind]

    implicitHeight: Math.max(Theme.target, column.implicitHeight + Theme.mm(8))
    color: Theme.surface
    radius: Theme.radius
    border.width: Theme.hairline
    border.color: root.ink

    Accessible.role: Accessible.AlertMessage
    Accessible.name: root.title
    Accessible.description: root.body

    Rectangle {
        width: Theme.mm(2)
        anchors.left: parent.left
        anchors.top: parent.top
        anchors.bottom: parent.bottom
        color: root.ink
        topLeftRadius: Theme.radius
        bottomLeftRadius: Theme.radius
    }
    KDrawing {
        id: shape

        name: ["info", "tick", "warn", "stop"][root.kind]
        main: root.ink
        accent: root.ink
        width: Math.round(Theme.bodyPx * 1.4)
        height: width
        anchors.left: parent.left
        anchors.leftMargin: Theme.mm(6)
        anchors.top: column.top
    }
    Column {
        id: column

        anchors.left: shape.right
        anchors.leftMargin: Theme.mm(4)
        anchors.right: parent.right
        anchors.rightMargin: Theme.mm(5)
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.mm(1)

        KText {
            width: parent.width
            text: root.title
            color: root.ink
            strong: true
            visible: text !== ""
            Accessible.ignored: true
        }
        KText {
            width: parent.width
            text: root.body
            visible: text !== ""
            Accessible.ignored: true
        }
    }
}
