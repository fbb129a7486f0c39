pragma ComponentBehavior: Bound
import QtQuick
import input_method
import strings
import theme

// The keys of the method's layout, row by row, centred.
Item {
    id: root

    required property InputMethod method
    required property real keyHeight
    required property real gap
    property real widestKey: Theme.mm(40)
    readonly property real unit: Math.floor(Math.min(root.widestKey, (root.width - (root.method.columns - 1) * root.gap) / root.method.columns))
    readonly property bool upper: root.method.mode === "chinese" || root.method.mode === "latin_upper"

    implicitHeight: rows.implicitHeight

    Column {
        id: rows

        anchors.horizontalCenter: parent.horizontalCenter
        spacing: root.gap

        Repeater {
            model: root.method.rows

            Row {
                id: line

                required property var modelData

                anchors.horizontalCenter: parent?.horizontalCenter
                spacing: root.gap

                Repeater {
                    model: line.modelData

                    KeyCap {
                        id: key

                        required property var modelData
                        readonly property string does: modelData.action
                        // nothing else tells people where ü is
                        readonly property string letter: modelData.text === "v" && root.method.mode === "chinese" ? "V Ü" : root.upper ? modelData.text.toUpperCase() : modelData.text
                        // what changes the keys waits for the release: its own key goes with them
                        readonly property bool atTouch: key.does === "type" || key.does === "backspace" || key.does === "space"

                        objectName: "key_" + does + "_" + modelData.text
                        text: modelData.stringId === "" ? letter : Strings.text(modelData.stringId)
                        width: Math.round(modelData.units * root.unit + (modelData.units - 1) * root.gap)
                        height: root.keyHeight
                        main: does === "enter"
                        quiet: does !== "type" && does !== "space" && does !== "enter" || modelData.stringId === "keyboard.separator"
                        repeats: does === "backspace"
                        chosen: does === "shift" && root.method.mode === "latin_upper"
                        fontPx: modelData.stringId !== "" ? Theme.bodyPx : root.method.columns > 4 ? Theme.headingPx : Math.round(Theme.headingPx * 1.3)
                        onStruck: {
                            if (key.atTouch)
                                root.method.press(key.does, key.modelData.text);
                        }
                        onClicked: {
                            if (!key.atTouch)
                                root.method.press(key.does, key.modelData.text);
                        }
                    }
                }
            }
        }
    }
}
