import QtQuick
import controls
import input
import theme

// Fields of every kind above a keyboard, as a form has them.
Window {
    id: root

    required property var kinds
    readonly property alias keyboard: keyboard

    visible: true
    color: Theme.page

    Column {
        x: Theme.margin
        width: root.width - 2 * Theme.margin

        Repeater {
            model: root.kinds

            KField {
                required property string modelData

                width: parent.width
                label: modelData
                inputKind: modelData
                maximumLength: 30
                input.objectName: "field_" + modelData
            }
        }
        TextEdit {
            property string inputKind: "pinyin"

            objectName: "field_lines"
            width: parent.width
            height: Theme.target
        }
        Item {
            objectName: "elsewhere"
            width: parent.width
            height: 1
        }
    }
    Keyboard {
        id: keyboard

        objectName: "keyboard"
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.bottom: parent.bottom
    }
}
