pragma ComponentBehavior: Bound
import QtQuick
import input_method
import theme

// One line of candidates; `entries` are the method's {index, text, width}.
Row {
    id: root

    required property InputMethod method
    required property var entries
    required property real lineHeight
    property bool flat: false

    Repeater {
        model: root.entries

        KeyCap {
            required property var modelData

            objectName: "candidate_" + modelData.index
            text: modelData.text
            width: modelData.width
            height: root.lineHeight
            flat: root.flat
            strong: root.flat && modelData.index === 0  // what the space bar takes
            fontPx: Theme.headingPx
            leftPadding: 0
            rightPadding: 0
            onClicked: root.method.choose(modelData.index)
        }
    }
}
