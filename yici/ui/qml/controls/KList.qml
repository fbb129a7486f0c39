import QtQuick
import theme

// A surface that holds rows.
Rectangle {
    id: root

    default property alias rows: column.data

    implicitHeight: column.implicitHeight
    color: Theme.surface
    radius: Theme.radius
    border.width: Theme.hairline
    border.color: Theme.rule

    Accessible.role: Accessible.List
    Accessible.name: root.objectName

    Column {
        id: column

        width: parent.width
    }
}
